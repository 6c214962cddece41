"""How pyHanko signs and checks; imported by `signing` alone, when it is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from django.core.exceptions import ImproperlyConfigured
from pyhanko.keys import load_certs_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from fire_supervision.lib.signing import Check

FIELD, DIGEST = "Signature", "sha256"
# Hexadecimal digits for the signature and its chain; measuring them would mean signing twice.
RESERVED = 16_384


class Signer(signers.SimpleSigner):
    """Keeps the key parsed: an RSA key takes 70 ms to parse, and pyHanko does it for each signature."""

    @cached_property
    def _key(self) -> object:
        return load_der_private_key(self.signing_key.dump(), password=None)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if isinstance(self._key, EllipticCurvePrivateKey) and digest_algorithm == DIGEST:
            return self._key.sign(data, ECDSA(SHA256()))
        if isinstance(self._key, RSAPrivateKey) and digest_algorithm == DIGEST:
            return self._key.sign(data, PKCS1v15(), SHA256())
        return super().sign_raw(data, digest_algorithm)


class Appended(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: pyHanko would write its own name over that of the producer."""

    def _update_meta(self) -> None:
        pass


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, and the chain sent along; the first certificate is the signer's."""

    signer: Signer
    certificates: tuple[Certificate, ...]

    @property
    def name(self) -> str:
        return name_of(self.certificates[0])

    @property
    def begins_at(self) -> datetime:
        begins: datetime = self.certificates[0].not_valid_before
        return begins

    @property
    def ends_at(self) -> datetime:
        ends: datetime = self.certificates[0].not_valid_after
        return ends


def sign(pdf: bytes, identity: Identity) -> bytes:
    """``pdf`` with an invisible signature appended, after which nothing may change (DocMDP 1)."""
    said = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=identity.name,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    signed = BytesIO()
    signers.PdfSigner(said, identity.signer, new_field_spec=fields.SigFieldSpec(FIELD)).sign_pdf(
        Appended(BytesIO(pdf)), bytes_reserved=RESERVED, output=signed
    )
    return signed.getvalue()


def check(pdf: bytes, known: Sequence[Certificate]) -> Check:
    """What the signature in ``pdf`` is worth to whoever trusts the certificates ``known``."""
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        return _worth(signatures[0], known) if signatures else Check()
    # What somebody altered breaks wherever the parser happens to stumble.
    except (PdfError, ValueError, LookupError, TypeError, AttributeError):
        return Check()


def _worth(signature: EmbeddedPdfSignature, known: Sequence[Certificate]) -> Check:
    at = signature.self_reported_timestamp
    # Nothing is fetched: stations sit in a network of their own. Without a time stamp the signer's own time counts.
    context = ValidationContext(trust_roots=known, allow_fetching=False, moment=at)
    found = validate_pdf_signature(signature, signer_validation_context=context)
    whole = found.coverage == SignatureCoverageLevel.ENTIRE_FILE and found.docmdp_ok is not False
    valid = bool(found.intact and found.valid and whole)
    return Check(True, valid, bool(found.trusted), name_of(found.signing_cert), at)


@lru_cache(maxsize=2)
def identity(certificate: str, key: str, password: str) -> Identity:
    """Certificate, key and chain from two PEM files or one PKCS#12 file; read once a process.

    Raises ImproperlyConfigured when one of them cannot be read, or the key belongs to another certificate.
    """
    try:
        if Path(certificate).suffix.lower() in (".p12", ".pfx"):
            return _from_pkcs12(Path(certificate).read_bytes(), password.encode() or None)
        return _assembled(certificates(certificate), load_private_key_from_pemder(key, password.encode() or None))
    except (OSError, ValueError, TypeError, IndexError) as error:
        hint = "Look at SIGNING_CERTIFICATE, SIGNING_KEY and SIGNING_PASSWORD."
        raise ImproperlyConfigured(f"The certificate of the papers cannot be used: {error}. {hint}") from error


def _from_pkcs12(content: bytes, password: bytes | None) -> Identity:
    found = signers.SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=password)
    assert found.signing_cert is not None
    others = [each for each in found.cert_registry if each != found.signing_cert]
    return _assembled([found.signing_cert, *others], found.signing_key)


def _assembled(chain: Sequence[Certificate], key: PrivateKeyInfo) -> Identity:
    public = load_der_private_key(key.dump(), password=None).public_key()
    if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != chain[0].public_key.dump():
        raise ValueError("the key belongs to another certificate")
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call] # half of the library is typed
    store.register_multiple(chain)
    return Identity(Signer(chain[0], key, store), tuple(chain))


def certificates(path: str) -> list[Certificate]:
    """The certificates of a PEM or DER file, in its order."""
    return list(load_certs_from_pemder([path]))  # type: ignore[no-untyped-call] # as above


def name_of(certificate: Certificate) -> str:
    """The common name of the certificate's subject, else its organisation, else all of it."""
    subject = certificate.subject.native
    return str(subject.get("common_name") or subject.get("organization_name") or certificate.subject.human_friendly)
