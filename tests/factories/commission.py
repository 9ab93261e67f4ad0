"""Commissions, membres et réunions."""

import datetime
from collections.abc import Iterable

from certification.models import Commission, Membre, Reunion
from livret.models import Promotion, Utilisateur


def commission(
    promotion: Promotion, epreuve: str = "EP1", membres: Iterable[Utilisateur] = (), **champs: object
) -> Commission:
    diplome = promotion.referentiel
    assemblee = Commission.objects.create(
        **{
            "etablissement": promotion.etablissement,
            "session": promotion.session,
            "epreuve": diplome.epreuves.get(code=epreuve),
            "grille": promotion.grille,
            "intitule": f"Commission {epreuve} n° {Commission.objects.count() + 1}",
            "date": datetime.date(promotion.session, 6, 3),
            **champs,
        }
    )
    for compte in membres:
        membre(assemblee, compte)
    return assemblee


def membre(
    commission: Commission, compte: Utilisateur | None, qualite: str = "enseignant", nom: str = ""
) -> Membre:
    return Membre.objects.create(
        commission=commission,
        utilisateur=compte,
        nom=nom or (compte.nom_complet if compte else "Personne extérieure"),
        qualite=qualite,
    )


def reunion(*commissions: Commission) -> Reunion:
    """Réunit ces commissions ; la première donne la date et le lieu."""
    premiere = commissions[0]
    reunie = Reunion.objects.create(
        etablissement=premiere.etablissement,
        session=premiere.session,
        intitule=f"Réunion de {premiere.intitule}",
        date=premiere.date,
        lieu=premiere.lieu,
    )
    for commission in commissions:
        commission.reunion = reunie
        commission.save()
    return reunie
