"""Couper « NOM Prénom » : les capitales sont le nom, le doute se tranche. Module pur."""

from livret.personnes.identifiants import PARTICULES, plie

Coupe = tuple[str, str]


def coupes(texte: str) -> tuple[Coupe, ...]:
    """Les façons de le couper en (nom, prénom) : une seule quand l'écriture le dit."""
    if "," in texte:
        nom, _, prenom = (partie.strip() for partie in texte.partition(","))
        return ((nom, prenom),) if nom and prenom else ()
    mots = texte.split()
    capitales = _capitales(mots)
    tete = next((rang for rang, haut in enumerate(capitales) if not haut), len(mots))
    queue = len(mots) - next((rang for rang, haut in enumerate(reversed(capitales)) if not haut), len(mots))
    if 0 < tete < len(mots) and not any(capitales[tete:]):
        return ((" ".join(mots[:tete]), " ".join(mots[tete:])),)
    if 0 < queue < len(mots) and not any(capitales[:queue]):
        return ((" ".join(mots[queue:]), " ".join(mots[:queue])),)
    bornes = range(1, len(mots))
    nom_d_abord = [(" ".join(mots[:borne]), " ".join(mots[borne:])) for borne in bornes]
    prenom_d_abord = [(" ".join(mots[borne:]), " ".join(mots[:borne])) for borne in bornes]
    return tuple(nom_d_abord + prenom_d_abord)


def _capitales(mots: list[str]) -> list[bool]:
    """Les mots en capitales ; une particule en minuscules suit le mot qu'elle annonce."""
    hauts: list[bool] = []
    for mot in reversed(mots):
        lettres = [signe for signe in mot if signe.isalpha()]
        haut = bool(lettres) and all(not signe.islower() for signe in lettres)
        if not haut and mot.islower() and plie(mot) in PARTICULES and hauts:
            haut = hauts[-1]
        hauts.append(haut)
    return hauts[::-1]
