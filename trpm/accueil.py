"""L'accueil, au-dessus de toutes les applications : il mène à chacune d'elles."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from livret.annee import rentree
from livret.classe.pages import classes_suivies, demandes_ouvertes
from livret.personnes.models.classe import Classe
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.personnes.requete import Requete
from trpm.acces import connecte, peut
from trpm.permissions import Action


@connecte
def accueil(request: Requete) -> HttpResponse:
    """Chacun arrive où il travaille ; qui cumule les rôles choisit."""
    rubriques = _rubriques(request.user)
    invitations = list(request.user.invitations.select_related("etablissement", "par"))
    if invitations:
        rubriques.add("invitations")
    if rubriques == {"livret"}:
        return redirect("livret:mon-livret")
    if rubriques == {"commissions"}:
        return redirect("certification:commissions")
    if rubriques == {"inspection"}:
        return redirect("certification:inspection")
    classes = _classes_de_l_annee(request.user) if "classes" in rubriques else []
    contexte = {
        "rubriques": rubriques,
        "invitations": invitations,
        "classes": classes,
        "demandes": demandes_ouvertes(request.user) if classes else (),
    }
    return render(request, "accueil.html", contexte)


def _rubriques(user: Utilisateur) -> set[str]:
    rubriques = {"classes"} if peut(user, Action.VOIR_CLASSE) else set()
    if peut(user, Action.VOIR_COMMISSION):
        rubriques.add("commissions")
    if peut(user, Action.INSPECTER):
        rubriques.add("inspection")
    if Eleve.objects.for_user(user, Action.VOIR_LIVRET).filter(utilisateur=user).exists():
        rubriques.add("livret")
    return rubriques


def _classes_de_l_annee(user: Utilisateur) -> list[Classe]:
    """Classes de l'année en cours ou, à défaut, de la dernière année connue."""
    classes = list(classes_suivies(user))
    annees = {classe.annee.debut for classe in classes}
    courante = rentree(timezone.localdate())
    annee = max((annee for annee in annees if annee <= courante), default=max(annees, default=0))
    return [classe for classe in classes if classe.annee.debut == annee]
