"""Seals, checkpoints, and what the audit administrator has done in the background."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trail", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="检查点号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("last_sequence", models.BigIntegerField(verbose_name="最后封号")),
                ("head", models.CharField(max_length=64, verbose_name="链头")),
                ("root", models.CharField(max_length=64, verbose_name="根")),
                ("peaks", models.JSONField(default=list, verbose_name="子树")),
                ("previous", models.CharField(max_length=64, verbose_name="上一检查点")),
                ("key_id", models.CharField(max_length=16, verbose_name="密钥编号")),
                ("public_key", models.CharField(max_length=64, verbose_name="公钥")),
                ("signature", models.CharField(max_length=128, verbose_name="签名")),
            ],
            options={
                "verbose_name": "审计检查点",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="封号")),
                ("entry_id", models.BigIntegerField(unique=True, verbose_name="记录编号")),
                ("entry_hash", models.CharField(max_length=64, verbose_name="记录摘要")),
                ("hash", models.CharField(max_length=64, verbose_name="链摘要")),
            ],
            options={
                "verbose_name": "审计记录封",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("VERIFY", "核验"), ("EXPORT", "导出全部"), ("CHECKPOINT", "立即生成检查点")],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "等待"), ("RUNNING", "进行中"), ("DONE", "完成"), ("FAILED", "未完成")],
                        default="WAITING",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("asked_by_id", models.BigIntegerField(null=True, verbose_name="操作人编号")),
                ("asked_by_name", models.CharField(max_length=60, verbose_name="操作人")),
                ("asked_at", models.DateTimeField(verbose_name="时间")),
                ("bureau_ids", models.JSONField(default=None, null=True, verbose_name="范围")),
                ("started_at", models.DateTimeField(null=True, verbose_name="开始")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束")),
                ("sealed", models.BigIntegerField(default=0, verbose_name="已封")),
                ("pending", models.BigIntegerField(default=0, verbose_name="待封")),
                ("found", models.BigIntegerField(default=0, verbose_name="问题")),
                ("words", models.TextField(blank=True, verbose_name="结果")),
            ],
            options={
                "verbose_name": "审计核验",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["WAITING", "RUNNING", "DONE", "FAILED"])),
                        name="run_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at__isnull", False), ("state__in", ["WAITING", "RUNNING"]), _connector="OR"
                        ),
                        name="run_finished_has_end",
                    ),
                ],
            },
        ),
    ]
