"""Checkpoints on their way out: files, and the words a paper carries. Held elsewhere, one holds the whole chain."""

import json
from pathlib import Path

from django.conf import settings
from django.utils.timezone import localtime

from trail.models import Checkpoint
from trail.sealing import last_checkpoint, told

TEXT = """审计记录检查点

编号　　第 {number} 号
时间　　{at:%Y-%m-%d %H:%M:%S}（北京时间）
已封　　{last_sequence} 条
根　　　{root}
链头　　{head}
上一号　{previous}
密钥　　{key_id}
公钥　　{public_key}
签名　　{signature}

这是截至上述时间全部审计记录的指纹。请保存在本系统之外（打印、另存或发往上级）。
以后核验：python3 verifier.py 导出文件.jsonl --checkpoint 本检查点.json
此前任何一条记录被改动、删除、插入、调换或截去，都会与它不一致。
"""


def as_json(checkpoint: Checkpoint) -> bytes:
    """What the verifier takes."""
    return (json.dumps(told(checkpoint), ensure_ascii=False, indent=1) + "\n").encode()


def as_text(checkpoint: Checkpoint) -> bytes:
    """For paper."""
    return TEXT.format(**told(checkpoint) | {"at": localtime(checkpoint.at)}).encode()


def words_for_paper() -> str:
    """The last checkpoint as a paper carries it, ``sequence.first-16-of-the-root``; empty before the first."""
    last = last_checkpoint()
    return last.short if last else ""


def folder() -> Path:
    """Where the daily files lie."""
    return _made("trail")


def exports_folder() -> Path:
    """Where whole exports lie for some days: not among the files that are copied to another machine daily."""
    return _made("trail-exports")


def _made(name: str) -> Path:
    place = Path(settings.DATA_DIR) / name
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def write_daily_file(checkpoint: Checkpoint) -> None:
    """The last checkpoint of its day, as text and as JSON, for whoever copies the folder elsewhere."""
    for content, suffix in ((as_json(checkpoint), "json"), (as_text(checkpoint), "txt")):
        path = folder() / f"checkpoint-{localtime(checkpoint.at):%Y-%m-%d}.{suffix}"
        # Whoever copies the folder meanwhile finds all of it.
        draft = path.with_suffix(f".{suffix}.new")
        draft.write_bytes(content)
        draft.replace(path)
