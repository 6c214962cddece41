from django.urls import path

from hazards.views import acts, details, dispatch, extension, lists, recheck, referral, service
from hazards.views.conclude import draft

app_name = "hazards"
urlpatterns = [
    path("", lists.listing, name="list"),
    path("<int:pk>/", details.hazard, name="hazard"),
    path("<int:pk>/fixed/", acts.fixed, name="fixed"),
    path("<int:pk>/refer/", referral.refer, name="refer"),
    path("orders/enter/", acts.choose_unit, name="choose_unit"),
    path("orders/enter/<int:pk>/", acts.enter_order, name="enter_order"),
    path("orders/<int:pk>/", details.order, name="order"),
    path("orders/<int:pk>/withdraw/", acts.withdraw, name="withdraw"),
    path("orders/<int:pk>/void/", acts.void_order, name="void_order"),
    path("orders/<int:pk>/next/", details.next_of_order, name="next"),
    path("orders/<int:pk>/serve/", service.serve, name="serve"),
    path("orders/<int:pk>/dispatch/", dispatch.dispatch, name="dispatch"),
    path("dispatches/<int:pk>/", dispatch.dispatched, name="dispatched"),
    path("dispatches/<int:pk>/close/", dispatch.close, name="close_dispatch"),
    path("orders/<int:pk>/early/", service.early, name="early"),
    path("orders/<int:pk>/extend/", extension.extend, name="extend"),
    path("extensions/", extension.listing, name="extensions"),
    path("extensions/<int:pk>/", extension.decide, name="decide_extension"),
    path("reinspections/<int:pk>/", recheck.reinspect, name="reinspect"),
    path("visits/<int:pk>/", details.visit, name="visit"),
    path("visits/<int:pk>/refer/", referral.refer_visit, name="refer_visit"),
    path("visits/<int:pk>/report/", referral.report, name="report"),
    path("visits/<int:pk>/report/deliver/", referral.deliver, name="deliver"),
    path("visits/<int:pk>/void/", acts.void, name="void"),
    path("visits/<int:pk>/draft/<slug:kind>/", draft, name="draft"),
    path("referrals/", referral.referrals, name="referrals"),
    path("referrals/<int:pk>/", referral.referral, name="referral"),
    path("referrals/<int:pk>/receive/", referral.receive, name="receive"),
    path("referrals/<int:pk>/answer/", referral.answer, name="answer"),
    path("photos/<int:pk>/", details.photo, name="photo"),
]
