"""A certificate the demo signs its papers with: its own, trusted by nobody else, never committed."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

NAME, YEARS = "江城市公安局（演示证书）", 10


class Command(BaseCommand):
    help = "Write a self-signed P-256 certificate and its key below DATA_DIR/signing, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.DATA_DIR) / "signing"
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        if certificate.exists() and key.exists():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content, secret = self_signed(NAME, timezone.now(), timedelta(days=366 * YEARS))
        key.touch(mode=0o600)
        key.write_bytes(secret)
        certificate.write_bytes(content)
        self.stdout.write(f"SIGNING_CERTIFICATE={certificate}\nSIGNING_KEY={key}")


def self_signed(name: str, begins: datetime, period: timedelta) -> tuple[bytes, bytes]:
    """A certificate of ``name`` for ``period`` and its key, as PEM; made for signing documents and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        (
            "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
            "decipher_only",
        ),
        False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + period)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = builder.sign(key, SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), secret
