"""L'avis hebdomadaire : ce qui attend, en nombres, sans nom d'élève ; et de quoi le couper d'un clic."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from livret.models import Utilisateur
from trpm.a_faire import AFaire, Urgence
from trpm.accueil.liste import accueil_de
from trpm.courriel import envoyer
from trpm.textes import entier, pluriel

ENTRE_DEUX = datetime.timedelta(days=6)
_SIGNE = Signer(salt="avis hebdomadaire")


def jeton_d_arret(user: Utilisateur) -> str:
    return _SIGNE.sign(str(user.pk))


def personne_du_jeton(jeton: str) -> Utilisateur | None:
    """Celle qui a reçu ce lien ; `None` si rien ne l'a signé."""
    try:
        return Utilisateur.objects.filter(pk=entier(_SIGNE.unsign(jeton)) or 0).first()
    except BadSignature:
        return None


@dataclass(frozen=True)
class AvisHebdomadaire:
    """Le courriel d'une personne. `comptes` : par genre, combien de choses attendent."""

    user: Utilisateur
    comptes: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(nombre for _, nombre in self.comptes)

    @property
    def objet(self) -> str:
        s = pluriel(self.total)
        return (
            f"{settings.NOM_DU_PRODUIT}\xa0: {self.total} chose{s} vous attend{pluriel(self.total, ',ent')}"
        )

    @property
    def arret(self) -> str:
        return settings.ADRESSE_DU_SITE + reverse("avis-arreter", args=[jeton_d_arret(self.user)])

    @property
    def texte(self) -> str:
        contexte = {"avis": self, "accueil": settings.ADRESSE_DU_SITE + reverse("accueil")}
        return render_to_string("accueil/avis_courriel.txt", contexte)

    def envoyer(self) -> str:
        """Rend une phrase si rien n'est parti. Les messageries proposent d'elles-mêmes l'arrêt (RFC 8058)."""
        entetes = {
            "List-Unsubscribe": f"<{self.arret}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return envoyer(self.objet, self.texte, self.user.email, entetes)


def avis_du(maintenant: datetime.datetime) -> Iterator[AvisHebdomadaire]:
    """Ceux qui restent à envoyer : à qui l'a gardé, a une adresse, et que quelque chose attend."""
    semaine = timezone.localdate(maintenant) - ENTRE_DEUX
    comptes = Utilisateur.objects.filter(is_active=True).exclude(email="").exclude(avis=False)
    for user in comptes.exclude(avis_le__gt=semaine).order_by("pk"):
        if not user.recoit_les_avis:
            continue
        with timezone.override(user.fuseau):
            attend = _comptes(accueil_de(user, maintenant).lignes)
        if attend:
            yield AvisHebdomadaire(user, attend)


def _comptes(lignes: Iterable[AFaire]) -> tuple[tuple[str, int], ...]:
    """Ce que l'on suit sans devoir agir n'écrit à personne."""
    comptes: Counter[str] = Counter()
    for ligne in lignes:
        if ligne.urgence < Urgence.A_SUIVRE:
            comptes[ligne.genre] += ligne.nombre
    return tuple(comptes.items())
