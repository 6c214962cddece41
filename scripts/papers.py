"""make papers: every sample of every paper below build/papers, as PDF, as pictures of its pages, and all on one page.

ACCEPT=1 keeps the pictures of today as those tests/records/test_pictures.py compares with.
"""

import os
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
FOLDER = BASE_DIR / "build" / "papers"
DPI = 80
# No database, broker or seal of anybody is asked for; what is configured for signing stays in force.
ENVIRONMENT = os.environ | {"DATA_DIR": str(BASE_DIR / "build" / "papers-data"), "BROKER_URL": "memory://"}
PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>文书样张</title>
<style>
  body {{ font: 14px sans-serif; background: #ddd; margin: 1em; }}
  section {{ margin-bottom: 2em; }}
  img {{ background: #fff; box-shadow: 0 1px 4px #888; margin: 0 .5em .5em 0; }}
</style>
{sections}
</html>
"""


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    environment = {"DEBUG": "true"} | ENVIRONMENT
    subprocess.run(
        [sys.executable, "manage.py", "sample_papers", str(FOLDER)], cwd=BASE_DIR, env=environment, check=True
    )
    papers = sorted(FOLDER.glob("*.pdf"))
    for paper in papers:
        subprocess.run(["pdftoppm", "-png", "-r", str(DPI), str(paper), str(paper.with_suffix(""))], check=True)
    index = FOLDER / "index.html"
    index.write_text(PAGE.format(sections="\n".join(section(paper) for paper in papers)))
    print(f"\n{len(papers)} files, {len(list(FOLDER.glob('*.png')))} pages: {index.relative_to(BASE_DIR)}")
    if not os.environ.get("ACCEPT"):
        return 0
    pictures = [sys.executable, "-m", "pytest", "-q", "tests/records/test_pictures.py"]
    return subprocess.run(pictures, cwd=BASE_DIR, check=False).returncode


def section(paper: Path) -> str:
    """The pages of one file beside each other, each leading to its PDF."""
    name = escape(paper.stem)
    pictures = sorted(FOLDER.glob(f"{paper.stem}-*.png"), key=lambda path: int(path.stem.rsplit("-", 1)[1]))
    shown = "".join(f'<a href="{name}.pdf"><img src="{escape(path.name)}" alt=""></a>' for path in pictures)
    return f"<section><h2>{name}</h2>{shown}</section>"


if __name__ == "__main__":
    sys.exit(main())
