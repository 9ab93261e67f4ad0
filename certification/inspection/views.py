from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from certification.inspection.situations import options_inspectees
from livret.models import Entete, Etablissement, Promotion
from livret.personnes.requete import Requete
from trpm.acces import requires
from trpm.impression.documents import pdf, telechargement
from trpm.permissions import Action

STYLES = ["css/niveaux.css", "css/documents.css"]


@requires(Action.INSPECTER)
def liste(request: Requete) -> HttpResponse:
    """Les établissements de son académie, et leurs sessions."""
    lieux = Etablissement.objects.for_user(request.user, Action.INSPECTER)
    sessions: dict[int, list[int]] = {}
    for lieu, session in (
        Promotion.objects.filter(etablissement__in=lieux)
        .order_by("-session")
        .values_list("etablissement_id", "session")
        .distinct()
    ):
        sessions.setdefault(lieu, []).append(session)
    contexte = {"lieux": [(lieu, sessions.get(lieu.pk, [])) for lieu in lieux]}
    return render(request, "certification/inspection/liste.html", contexte)


@requires(Action.INSPECTER)
def situations(request: Requete, etablissement: int, session: int) -> HttpResponse:
    contexte = _contexte(request, etablissement, session)
    return render(request, "certification/inspection/situations.html", contexte)


@requires(Action.INSPECTER)
def situations_pdf(request: Requete, etablissement: int, session: int) -> HttpResponse:
    contexte = _contexte(request, etablissement, session)
    lieu = contexte["etablissement"]
    contexte |= {
        "logo": Entete.objects.logos([etablissement]).get(etablissement),
        "edite_le": timezone.localdate(),
    }
    contenu = pdf("documents/inspection.html", contexte, styles=STYLES)
    return telechargement(contenu, f"Situations retenues {lieu} {session}.pdf")


def _contexte(request: Requete, pk: int, session: int) -> dict[str, object]:
    lieux = Etablissement.objects.for_user(request.user, Action.INSPECTER)
    lieu = get_object_or_404(lieux, pk=pk)
    if not lieu.promotions.filter(session=session).exists():
        raise Http404
    return {"etablissement": lieu, "session": session, "options": options_inspectees(lieu, session)}
