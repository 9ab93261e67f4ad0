"""Lire le journal : celui d'un établissement, et ce qui concerne une personne."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from certification.models import Dossier
from livret.models import Appartenance, Eleve, Etablissement, Utilisateur
from livret.personnes.recherche import trouves
from trpm.journal.models import ActeNote
from trpm.journal.phrases import phrase
from trpm.permissions import Role

QUALITES = {
    Role.ADMINISTRATEUR: "administration",
    Role.ENSEIGNANT: "équipe pédagogique",
    Role.ELEVE: "élève",
    Role.MEMBRE: "commission",
    Role.PRESIDENT: "commission, présidence",
    Role.INSPECTEUR: "inspection",
    Role.RESPONSABLE: "famille",
}


@dataclass(frozen=True)
class ActeLu:
    """Une ligne du journal, telle qu'elle se lit ; `qui` est vide pour un élève qui lit le sien."""

    le: datetime.datetime
    nature: str
    quoi: str
    qui: str
    qualite: str
    de_qui: str


def du_lieu(lieu: Etablissement) -> QuerySet[ActeNote]:
    """Les actes de l'établissement, et les connexions de ses comptes."""
    ici = Appartenance.objects.filter(etablissement=lieu).values("utilisateur")
    siens = Eleve.objects.filter(etablissement=lieu, utilisateur__isnull=False).order_by()
    entres = Q(nature=ActeNote.Nature.CONNEXION) & (Q(cle__in=ici) | Q(cle__in=siens.values("utilisateur")))
    return _lus().filter(Q(etablissement=lieu) | entres)


def de_la_personne(user: Utilisateur) -> QuerySet[ActeNote]:
    """Ce qu'elle a fait, ce qui a touché son compte ; si elle est élève, ce qui la concerne."""
    siens = Q(auteur=user) | Q(objet="livret.Utilisateur", cle=user.pk)
    eleve = getattr(user, "eleve", None)
    if eleve is None:
        return _lus().filter(siens)
    classes = eleve.scolarites.order_by().values("classe")
    commissions = Dossier.objects.filter(eleve=eleve).order_by().values("commission")
    concernent = Q(eleve=eleve) | Q(eleve__isnull=True) & (
        Q(classe__in=classes, nature=ActeNote.Nature.EMPORTE)
        | Q(objet="certification.Commission", cle__in=commissions, nature=ActeNote.Nature.EMPORTE)
    )
    return _lus().filter(siens | concernent)


def filtres(lieu: Etablissement, choix: dict[str, Any]) -> QuerySet[ActeNote]:
    actes = du_lieu(lieu)
    if nature := choix.get("nature"):
        actes = actes.filter(nature=nature)
    if du := choix.get("du"):
        actes = actes.filter(le__date__gte=du)
    if au := choix.get("au"):
        actes = actes.filter(le__date__lte=au)
    if texte := choix.get("q"):
        eleves = trouves(texte, lieu.eleves.order_by().values_list("pk", "nom", "prenom", "ine"))
        noms = Utilisateur.objects.order_by().values_list("pk", "last_name", "first_name", "username")
        actes = actes.filter(Q(eleve__in=eleves) | Q(auteur__in=trouves(texte, noms)))
    return actes


def lu(acte: ActeNote, *, nomme: bool) -> ActeLu:
    roles = [QUALITES[Role(un)] for un in acte.qualite.split(", ") if un]
    eleve = acte.eleve
    return ActeLu(
        acte.le,
        acte.get_nature_display(),
        phrase(acte.adresse, _nom(acte.objet)),
        acte.auteur.nom_complet if nomme and acte.auteur else "",
        ", ".join(dict.fromkeys(roles)),
        str(eleve) if nomme and eleve else str(acte.classe) if acte.classe else "",
    )


def _nom(objet: str) -> str:
    return str(apps.get_model(objet)._meta.verbose_name) if objet else ""


def _lus() -> QuerySet[ActeNote]:
    return ActeNote.objects.select_related("auteur", "eleve", "classe")
