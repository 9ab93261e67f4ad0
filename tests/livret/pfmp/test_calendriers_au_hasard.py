"""Les jours de PFMP égalent un compte indépendant, jour par jour, sur dix mille calendriers."""

import datetime
import random
from decimal import Decimal

from livret.pfmp.semaines import Manque, Presence, jours_faits

UN = datetime.timedelta(days=1)


def travailles(presence: Presence) -> list[datetime.date]:
    """Un par un : du lundi au vendredi, ou au samedi, et pas plus que prévu dans une même semaine."""
    jours: list[datetime.date] = []
    faits: dict[datetime.date, int] = {}
    jour = presence.debut
    while jour <= presence.fin:
        lundi = jour - jour.weekday() * UN
        if jour.weekday() < max(5, presence.par_semaine) and faits.get(lundi, 0) < presence.par_semaine:
            faits[lundi] = faits.get(lundi, 0) + 1
            jours.append(jour)
        jour += UN
    return jours


def calendrier(hasard: random.Random) -> tuple[list[Presence], list[Manque], dict[datetime.date, Decimal]]:
    """Des séjours qui ne se croisent pas, des absences sur leurs jours, et le poids de chaque jour."""
    presences, manques, poids = [], [], {}
    jour = datetime.date(2025, 9, 1) + hasard.randrange(200) * UN
    for _ in range(hasard.randint(1, 3)):
        presence = Presence(jour, jour + hasard.randrange(40) * UN, hasard.choice([4, 5, 5, 5, 6]))
        presences.append(presence)
        libres = travailles(presence)
        poids.update(dict.fromkeys(libres, Decimal(1)))
        while libres and hasard.random() < 0.6:
            rang = hasard.randrange(len(libres))
            pris = libres[rang : rang + hasard.randint(1, 3)]
            pris = [un for un in pris if un - pris[0] < 5 * UN and presence.par_semaine >= 5]
            pris = [un for place, un in enumerate(pris) if un == pris[0] + place * UN] or [libres[rang]]
            demi = Decimal("0.5") if len(pris) == 1 and hasard.random() < 0.4 else Decimal(0)
            manques.append(Manque(pris[0], len(pris) - demi, False, pris[-1]))
            poids.update(dict.fromkeys(pris, demi))
            libres = [un for un in libres if un not in pris]
        jour = presence.fin + (1 + hasard.randrange(20)) * UN
    return presences, manques, poids


def test_dix_mille_calendriers() -> None:
    hasard = random.Random(2026)
    for _ in range(10_000):
        presences, manques, poids = calendrier(hasard)
        debut, fin = presences[0].debut, presences[-1].fin
        for jour in (fin, debut + hasard.randrange((fin - debut).days + 1) * UN):
            compte = sum((pese for un, pese in poids.items() if un <= jour), Decimal(0))
            assert jours_faits(presences, manques, jour) == compte, (presences, manques, jour)
