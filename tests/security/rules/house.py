# ruff: noqa
# A bad line below each `ruleid`, a good one below each `ok`: what semgrep --test holds the rules against.
def view(request, pk, token):
    # ruleid: rows-without-scope
    Unit.objects.all()
    # ruleid: rows-without-scope
    Unit.objects.order_by("pk")
    # ok: rows-without-scope
    Unit.objects.for_user(request.user).order_by("pk")
    # ok: rows-without-scope
    Photo.objects.filter(inspection=visit)
    # ok: rows-without-scope
    Checklist.objects.all()
    # ruleid: rows-by-a-number-from-the-address
    Unit.objects.get(pk=pk)
    # ruleid: rows-by-a-number-from-the-address
    Document.objects.filter(token=token)
    # ruleid: rows-by-a-number-from-the-address
    get_object_or_404(Unit, pk=pk)
    # ruleid: rows-by-a-number-from-the-address
    get_object_or_404(Unit.objects.open(), pk=pk)
    # ok: rows-by-a-number-from-the-address
    get_object_or_404(Unit.objects.for_user(request.user), pk=pk)
    # ok: rows-by-a-number-from-the-address
    get_object_or_404(Message, pk=pk, user=request.user)
    # ok: rows-by-a-number-from-the-address
    get_object_or_404(HazardType, code=code)
    # ok: rows-by-a-number-from-the-address
    Unit.objects.for_user(request.user).get(pk=pk)
    # ok: rows-by-a-number-from-the-address
    Photo.objects.filter(inspection=visit)


def act(order):
    # ruleid: status-outside-move-to
    order.status = "DONE"
    # ruleid: status-outside-move-to
    order.state = "DONE"
    # ok: status-outside-move-to
    order.move_to("DONE")


class Row:
    def move_to(self, state):
        # ok: status-outside-move-to
        self.state = state


def sql(cursor, name):
    # ruleid: sql-put-together
    cursor.execute(f"SELECT {name}")
    # ruleid: sql-put-together
    cursor.execute("SELECT %s" % name)
    # ruleid: sql-put-together
    Unit.objects.raw("SELECT 1")
    # ok: sql-put-together
    cursor.execute("SELECT %s", [name])


# ruleid: gate-left-open
@csrf_exempt
def open_door(request):
    # ruleid: redirect-where-the-request-says
    redirect(request.GET["next"])
    back = request.POST.get("back")
    # ruleid: redirect-where-the-request-says
    return HttpResponseRedirect(back)


# ruleid: gate-left-open
@login_not_required
def another_door(request, batch):
    # ok: redirect-where-the-request-says
    return redirect("units:import_columns", batch.pk)


def page(words):
    # ruleid: html-put-together
    mark_safe(words)
    # ruleid: html-put-together
    format_html(f"<b>{words}</b>")
    # ruleid: html-put-together
    HttpResponse(f"<b>{words}</b>")
    # ok: html-put-together
    format_html("<b>{}</b>", words)


def run(words):
    # ruleid: code-from-words
    eval(words)
    # ruleid: code-from-words
    subprocess.run(words, shell=True)
    # ruleid: code-from-words
    pickle.loads(words)
    # ok: code-from-words
    subprocess.run(["pdftoppm", words])


def secret(row, given):
    # ruleid: weak-secret
    hashlib.md5(given)
    # ruleid: weak-secret
    random.choice(given)
    # ruleid: weak-secret
    row.token == given
    # ok: weak-secret
    secrets.token_urlsafe(16)


def trail():
    # ruleid: trail-by-another-door
    AuditEntry.objects.create(summary="")
    # ok: trail-by-another-door
    record(None, "room.act", None, "")


def address(request):
    # ruleid: address-the-client-may-write
    request.headers.get("X-Forwarded-For", "")
    # ruleid: address-the-client-may-write
    request.META["REMOTE_ADDR"]
    # ok: address-the-client-may-write
    current_origin.get().address


def unpack(archive):
    # ruleid: archive-unpacked-blindly
    archive.extractall("x")
    # ok: archive-unpacked-blindly
    archive.read("x")


def path(request):
    # ruleid: path-from-the-request
    open(request.GET["file"])
    # ruleid: path-from-the-request
    Path(request.FILES["scan"].name)
    # ok: path-from-the-request
    Path("fixed")


def tell(log, person, password):
    # ruleid: secret-in-a-log
    log.info("%s", password)
    # ruleid: secret-in-a-log
    log.info("%s", person.phone)
    # ok: secret-in-a-log
    log.info("%s", person.pk)
