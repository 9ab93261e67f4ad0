"""L'élève : ce qui est nouveau, ce qu'il lui reste à prouver."""

from __future__ import annotations

import datetime

from django.db.models import Q

from livret.bilan.a_faire import bilans_valides, mots_a_ecrire
from livret.eleve.suivi import suivi
from livret.personnes.models.compte import Utilisateur
from livret.personnes.models.eleve import Eleve
from livret.situation.models.demande import Demande
from livret.situation.models.situation import Situation
from trpm.a_faire import AFaire, Urgence
from trpm.adresses import adresse
from trpm.permissions import Action
from trpm.textes import pluriel

NIVEAUX, REPONSES, PROUVER = "Nouveaux niveaux", "Réponses à vos demandes", "Compétences à prouver"


def fiche_de(user: Utilisateur) -> Eleve | None:
    """La fiche d'élève de ce compte. Une requête."""
    siennes = Eleve.objects.for_user(user, Action.VOIR_LIVRET).filter(utilisateur=user)
    return siennes.select_related("promotion__referentiel", "option", "etablissement").first()


def nouveautes(eleve: Eleve, depuis: datetime.datetime) -> list[AFaire]:
    """Ce qui lui est arrivé depuis cet instant, le plus récent d'abord. Trois requêtes."""
    lignes = [*_niveaux(eleve, depuis), *_reponses(eleve, depuis), *bilans_valides(eleve, depuis)]
    return sorted(lignes, key=lambda une: une.depuis or depuis, reverse=True)


def _niveaux(eleve: Eleve, depuis: datetime.datetime) -> list[AFaire]:
    """Les situations publiées, ou dont la date annoncée est venue, où il porte un niveau."""
    vues = (
        Situation.objects.visibles()
        .filter(Q(publiee_le__gt=depuis) | Q(visible_des__gte=depuis.date()))
        .filter(evaluations__eleve=eleve, evaluations__niveau__isnull=False)
        .distinct()
        .order_by("-publiee_le", "-pk")
    )
    return [
        AFaire(
            NIVEAUX,
            texte=intitule,
            acte="Lire",
            adresse=adresse("livret:eleve", eleve.pk) + f"#situation-{pk}",
            precision="vos niveaux sont publiés",
            depuis=publiee_le,
        )
        for pk, intitule, publiee_le in vues.values_list("pk", "intitule", "publiee_le")
    ]


def _reponses(eleve: Eleve, depuis: datetime.datetime) -> list[AFaire]:
    repondues = Demande.objects.filter(eleve=eleve, traitee_le__gt=depuis).order_by("-traitee_le")
    return [
        AFaire(
            REPONSES,
            texte=f"Réponse à votre demande sur {code}",
            acte="Lire",
            adresse=adresse("livret:a-prouver", eleve.pk) + f"#{code}",
            precision=reponse,
            depuis=le,
        )
        for code, reponse, le in repondues.values_list("competence__code", "reponse", "traitee_le")
    ]


def ce_qui_l_attend(user: Utilisateur, eleve: Eleve, jour: datetime.date) -> list[AFaire]:
    """Ses mots à écrire, puis ce qu'il lui reste à prouver, comme le dit la page qui le montre."""
    codes = [une.ligne.code for une in suivi(eleve, jour, visibles_seulement=True).a_prouver]
    lignes = mots_a_ecrire(user)
    if codes:
        s = pluriel(len(codes))
        lignes.append(
            AFaire(
                PROUVER,
                texte=f"{len(codes)} compétence{s} à prouver",
                acte="Voir",
                adresse=adresse("livret:a-prouver", eleve.pk),
                precision=", ".join(codes),
                urgence=Urgence.A_SUIVRE,
                nombre=len(codes),
            )
        )
    return lignes
