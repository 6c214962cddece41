from django.urls import path

from units.views import imports, ledger, pledges, terms, unit

app_name = "units"
urlpatterns = [
    path("", ledger.unit_list, name="list"),
    path("assign/", ledger.assign, name="assign"),
    path("new/", unit.create, name="create"),
    path("<int:pk>/edit/", unit.edit, name="edit"),
    path("<int:pk>/phone/", unit.phone, name="phone"),
    path("<int:pk>/close/", unit.close, name="close"),
    path("<int:pk>/reopen/", unit.reopen, name="reopen"),
    path("twins/", unit.twins, name="twins"),
    path("twins/<int:pk>/", unit.decide_twin, name="decide_twin"),
    path("pledges/", pledges.listing, name="pledges"),
    path("pledges/terms/", terms.listing, name="terms"),
    path("pledges/terms/<slug:kind>/", terms.detail, name="terms_of"),
    path("pledges/terms/<slug:kind>/settle/", terms.settle, name="settle_terms"),
    path("pledges/terms/<slug:kind>/withdraw/", terms.withdraw, name="withdraw_terms"),
    path("pledges/<int:pk>/", pledges.detail, name="pledge"),
    path("pledges/<int:pk>/void/", pledges.void, name="pledge_void"),
    path("<int:pk>/pledge/", pledges.sign, name="pledge_sign"),
    path("import/", imports.upload, name="import"),
    path("import/<int:pk>/", imports.batch_page, name="import_batch"),
    path("import/<int:pk>/columns/", imports.columns, name="import_columns"),
    path("import/<int:pk>/spellings/", imports.spellings, name="import_spellings"),
    path("import/<int:pk>/start/", imports.start, name="import_start"),
    path("import/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("import/<int:pk>/rejected/", imports.rejected, name="import_rejected"),
    path("import/<int:pk>/rejected/<str:kind>/", imports.rejected, name="import_rejected_of"),
]
