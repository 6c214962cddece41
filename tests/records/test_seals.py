"""Pictures of seals: what is taken for one, and what is made of it."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from records import demo_seals
from records.seals import SIDE, checked, opaque

RED = (200, 20, 20)


def ring(
    size: tuple[int, int] = (900, 900), *, ground: tuple[int, ...] = (255, 255, 255, 0), ink: tuple[int, ...] = RED
) -> Image.Image:
    """A seal in the middle of a larger sheet."""
    image = Image.new("RGBA", (size[0] + 300, size[1] + 200), ground)
    ImageDraw.Draw(image).ellipse((100, 50, 100 + size[0], 50 + size[1]), outline=ink, width=40)
    return image


def uploaded(image: Image.Image, format_: str = "PNG") -> SimpleUploadedFile:
    buffer = BytesIO()
    image.save(buffer, format_)
    return SimpleUploadedFile("印章.png", buffer.getvalue())


def kept(image: Image.Image) -> Image.Image:
    return Image.open(BytesIO(checked(uploaded(image)).read()))


@pytest.mark.slow
@pytest.mark.parametrize("ground", [(255, 255, 255, 0), (255, 255, 255, 255), (252, 250, 246, 255)])
def test_a_seal_is_cut_to_its_ink_on_whatever_ground_it_stands(ground: tuple[int, ...]) -> None:
    seal = kept(ring(ground=ground))
    assert (seal.format, seal.mode, seal.size) == ("PNG", "RGBA", (SIDE, SIDE))
    assert seal.getchannel("A").getbbox() == (0, 0, SIDE, SIDE)
    # No ink in the middle and in the corners, ink on the rim.
    strengths = [seal.getpixel(at)[3] for at in ((SIDE // 2, SIDE // 2), (0, 0), (SIDE // 2, 10))]  # type: ignore[index]
    assert strengths == [0, 0, 255]


def test_a_seal_has_one_red_so_that_the_grain_of_a_scan_does_not_fill_the_paper() -> None:
    grainy = Image.effect_noise((1200, 1100), 60).convert("RGB")
    red = Image.merge("RGB", (Image.new("L", grainy.size, 220), *grainy.point(lambda value: value // 4).split()[:2]))
    sheet = Image.new("RGB", grainy.size, "white")
    sheet.paste(red, mask=ring().getchannel("A"))
    content = checked(uploaded(sheet)).read()
    colours = Image.open(BytesIO(content)).convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) == 1
    assert len(content) < 40_000


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image.new("RGBA", (800, 800), (0, 0, 0, 0)), "图片是空白的"),
        (ring((900, 700)), "印模须是正圆形，宽和高不能相差 5% 以上"),
        (ring((300, 300)), "印模只有 301 × 301 点，印出来不清楚，至少要 400 × 400 点"),
        (ring(ink=(20, 20, 20)), "印章须是红色"),
        (ring(ink=(20, 20, 200)), "印章须是红色"),
    ],
)
def test_what_is_no_seal_is_refused_with_the_reason(image: Image.Image, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        checked(uploaded(image))
    assert refused.value.messages == [words]


NO_PICTURE = "只收 PNG 图片；这个文件不是，或者已经损坏"


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (SimpleUploadedFile("a.png", b""), "文件是空的"),
        (SimpleUploadedFile("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), NO_PICTURE),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken"), NO_PICTURE),
        (uploaded(ring().convert("RGB"), "JPEG"), NO_PICTURE),
        (SimpleUploadedFile("a.png", b"0" * (2 * 1024 * 1024 + 1)), "图片超过 2 MB"),
        (uploaded(Image.new("1", (5000, 4000))), "图片尺寸过大，请缩小到 3000 × 3000 点以内"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_whatever_it_calls_itself(upload: SimpleUploadedFile, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        checked(upload)
    assert refused.value.messages == [words]


def test_a_seal_prints_on_white_without_a_mask() -> None:
    printed = Image.open(BytesIO(opaque(checked(uploaded(ring())).read())))
    assert (printed.mode, printed.getpixel((SIDE // 2, SIDE // 2)), printed.getpixel((SIDE // 2, 10))) == (
        "RGB", (255, 255, 255), (214, 0, 0),
    )  # fmt: skip


@pytest.mark.slow
def test_a_demo_seal_is_taken_as_any_other_and_two_offices_have_two() -> None:
    ours, theirs = (demo_seals.drawn(name).read() for name in ("江城市公安局北关派出所", "江城市公安局城关派出所"))
    assert ours != theirs
    again = checked(SimpleUploadedFile("a.png", ours)).read()
    assert Image.open(BytesIO(again)).size == Image.open(BytesIO(ours)).size == (SIDE, SIDE)
