"""How a paper looks: its pages as one small grey picture, and how far two such pictures are apart.

Two runs of one paper on two machines differ by the grey of hair-lines, never by more. So each picture is softened by a
pixel, laid over the other in nine ways a pixel apart, and judged tile by tile of 4 mm: what has no counterpart nearby
stands out in its tile, however little of the page it is.
"""

import subprocess
from itertools import product
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

DPI, LEVELS, TILE, WHITE = 50, 16, 8, 255
# Grey levels, of 255, a tile may differ by on average. Tried on the papers (test_looks.py): hair-lines drawn otherwise
# give 1, a missing box 15, a ring as thin as a seal's 17, missing signatures 30, a title that moved by a millimetre 25,
# a line of text that moved by its own height 50. A single tick gives 8: ticks are for the tests of the words.
LIMIT = 12
STEP = WHITE // (LEVELS - 1)


def picture(pdf: bytes, *options: str) -> Image.Image:
    """The pages of ``pdf`` beside each other in sixteen greys; ``options`` go to pdftoppm."""
    command = ["pdftoppm", "-gray", "-r", str(DPI), *options, "-"]
    rest = subprocess.run(command, input=pdf, check=True, stdout=subprocess.PIPE).stdout
    pages = []
    while rest:
        _, size, _, rest = rest.split(b"\n", 3)
        width, height = map(int, size.split())
        pages.append(Image.frombytes("L", (width, height), rest[: width * height]))
        rest = rest[width * height :]
    strip = Image.new("L", (sum(page.width for page in pages), max(page.height for page in pages)), WHITE)
    left = 0
    for page in pages:
        strip.paste(page, (left, 0))
        left += page.width
    return strip.point([round(grey / STEP) * STEP for grey in range(WHITE + 1)])


def keep(look: Image.Image, path: Path) -> None:
    """Write ``look`` with four bits a pixel: half the size of eight."""
    path.parent.mkdir(parents=True, exist_ok=True)
    few = look.point([grey // STEP for grey in range(WHITE + 1)])
    few = Image.frombytes("P", few.size, few.tobytes())
    few.putpalette([grey * STEP for grey in range(LEVELS) for _ in range(3)])
    few.save(path, bits=4, optimize=True)


def kept(path: Path) -> Image.Image:
    with Image.open(path) as found:
        return found.convert("L")


def distance(one: Image.Image, other: Image.Image) -> int:
    """Of the tiles that differ most: 0 for the same picture, 255 for a page of ink on an empty one."""
    return int(_tiles(one, other).getextrema()[1])


def shown(one: Image.Image, other: Image.Image) -> Image.Image:
    """``one`` and ``other`` below each other, and what differs, with the tiles over the limit in red."""
    size = max(one.width, other.width), max(one.height, other.height)
    over = (
        _tiles(one, other)
        .point([255 if grey > LIMIT else 0 for grey in range(WHITE + 1)])
        .resize((-(-size[0] // TILE) * TILE, -(-size[1] // TILE) * TILE), Image.Resampling.NEAREST)
    )
    sheet = Image.new("RGB", (size[0], size[1] * 3), "white")
    for place, each in enumerate((one, other, ImageChops.invert(ImageChops.difference(*_same_size(one, other))))):
        sheet.paste(each.convert("RGB"), (0, size[1] * place))
    sheet.paste("red", (0, size[1] * 2), over.crop((0, 0, *size)).point([0] * 255 + [90]))
    return sheet


def _tiles(one: Image.Image, other: Image.Image) -> Image.Image:
    """The mean difference in each tile, a pixel each, where the two fit best."""
    soft, over = (each.filter(ImageFilter.BoxBlur(1)) for each in _same_size(one, other))
    found = None
    for x, y in product((-1, 0, 1), repeat=2):
        moved = Image.new("L", soft.size, WHITE)
        moved.paste(over, (x, y))
        apart = ImageChops.difference(soft, moved).reduce(TILE)
        found = apart if found is None else ImageChops.darker(found, apart)
    assert found is not None
    return found


def _same_size(*pictures: Image.Image) -> list[Image.Image]:
    size = max(each.width for each in pictures), max(each.height for each in pictures)
    sheets = [Image.new("L", size, WHITE) for _ in pictures]
    for sheet, each in zip(sheets, pictures, strict=True):
        sheet.paste(each, (0, 0))
    return sheets
