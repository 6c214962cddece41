from django.apps import AppConfig


class FireSupervisionConfig(AppConfig):
    name = "fire_supervision"

    def ready(self) -> None:
        from fire_supervision import checks  # noqa: F401, PLC0415 - registers the deploy checks once apps are loaded
