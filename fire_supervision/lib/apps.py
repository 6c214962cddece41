from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "fire_supervision.lib"
    label = "lib"
