from django.apps import AppConfig

from fire_supervision.lib.forms import speak_plainly


class LibConfig(AppConfig):
    name = "fire_supervision.lib"
    label = "lib"

    def ready(self) -> None:
        speak_plainly()
