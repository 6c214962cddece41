from django.urls import path

from inspections.views import catalogue, fill, findings, lists, people, pictures, start

app_name = "inspections"
urlpatterns = [
    path("", lists.visits, name="list"),
    path("start/", start.start, name="start"),
    path("start/<int:unit_id>/", start.begin, name="begin"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/<slug:code>/", catalogue.hazard_type, name="hazard_type"),
    path("catalogue/<slug:code>/basis/", catalogue.basis, name="basis"),
    path("<int:pk>/", lists.detail, name="detail"),
    path("<int:pk>/fill/", fill.fill, name="fill"),
    path("<int:pk>/rows/<int:item_id>/", fill.answer, name="answer"),
    path("<int:pk>/rows/<int:item_id>/hazards/", findings.choose, name="choose"),
    path("<int:pk>/groups/<slug:group>/pass/", fill.pass_rest, name="pass_rest"),
    path("<int:pk>/groups/<slug:group>/undo/", fill.undo_pass, name="undo_pass"),
    path("<int:pk>/findings/<int:finding_id>/", findings.finding, name="finding"),
    path("<int:pk>/findings/<int:finding_id>/remove/", findings.remove_finding, name="remove_finding"),
    path("<int:pk>/period/<slug:code>/", findings.period, name="period"),
    path("<int:pk>/photos/", pictures.add_photo, name="add_photo"),
    path("<int:pk>/photos/<int:photo_id>/", pictures.photo, name="photo"),
    path("<int:pk>/photos/<int:photo_id>/remove/", pictures.remove_photo, name="remove_photo"),
    path("<int:pk>/people/", people.people, name="people"),
    path("<int:pk>/discard/", fill.discard, name="discard"),
]
