import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0002_delete_bureausetting"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="password_since",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="密码设定时间"),
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="散列")),
                ("until", models.DateTimeField(auto_now_add=True, verbose_name="用到")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_passwords",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "用过的密码",
                "ordering": ["-until", "-id"],
            },
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device", models.CharField(max_length=64, verbose_name="设备")),
                ("words", models.CharField(max_length=40, verbose_name="名称")),
                ("since", models.DateTimeField(auto_now_add=True, verbose_name="首次登录")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "常用设备",
                "constraints": [models.UniqueConstraint(fields=("user", "device"), name="known_device_once")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, verbose_name="散列")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="使用时间")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "恢复码",
                "indexes": [
                    models.Index(
                        condition=models.Q(("used_at__isnull", True)), fields=["user"], name="recovery_code_unused"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="recovery_code_once")],
            },
        ),
        migrations.CreateModel(
            name="UserSession",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("device", models.CharField(blank=True, max_length=40, verbose_name="设备")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="地址")),
                ("since", models.DateTimeField(verbose_name="登录时间")),
                ("used_at", models.DateTimeField(verbose_name="最近使用")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录会话",
                "verbose_name_plural": "登录会话",
                "abstract": False,
                "indexes": [models.Index(fields=["user", "-used_at"], name="session_of_person")],
            },
        ),
    ]
