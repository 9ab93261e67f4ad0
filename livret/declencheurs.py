"""Un bilan validé ne se modifie pas et ne s'efface pas ; la fiche d'un tuteur validée, avec sa signature,
ses avis et ses tâches, non plus."""

from __future__ import annotations

from trpm.base.declencheurs import Garde

BILAN = "livret_bilan"
FICHE = "livret_fichetuteur"
# Ce que dit une fiche ailleurs que dans sa ligne, et ce qui y mène à elle.
SUITES = {"avis": ("livret_avistuteur", "fiche_id"), "tache": (f"{FICHE}_taches", "fichetuteur_id")}

BILAN_VALIDE = "Ce bilan est validé : la base refuse de le modifier ou de l’effacer."
FICHE_VALIDEE = "Cette fiche de tuteur est validée : la base refuse de la modifier ou de l’effacer."


def _validee(fiche: str) -> str:
    return f"EXISTS (SELECT 1 FROM {FICHE} f WHERE f.id = {fiche} AND f.etat = 'validee')"  # noqa: S608 (aucune saisie)


def _suite(nom: str, table: str, fiche: str) -> tuple[Garde, ...]:
    avant, apres = _validee(f"OLD.{fiche}"), _validee(f"NEW.{fiche}")
    return (
        Garde(f"{nom}_ajoute_a_la_fiche", "INSERT", table, FICHE_VALIDEE, apres),
        Garde(f"{nom}_change_dans_la_fiche", "UPDATE", table, FICHE_VALIDEE, f"{avant} OR {apres}"),
        Garde(f"{nom}_ote_de_la_fiche", "DELETE", table, FICHE_VALIDEE, avant),
    )


GARDES = (
    Garde("bilan_intact", "UPDATE", BILAN, BILAN_VALIDE, "OLD.etat = 'valide'"),
    Garde("bilan_garde", "DELETE", BILAN, BILAN_VALIDE, "OLD.etat = 'valide'"),
    Garde("fiche_tuteur_intacte", "UPDATE", FICHE, FICHE_VALIDEE, "OLD.etat = 'validee'"),
    Garde("fiche_tuteur_gardee", "DELETE", FICHE, FICHE_VALIDEE, "OLD.etat = 'validee'"),
    *(garde for nom, (table, fiche) in SUITES.items() for garde in _suite(nom, table, fiche)),
)
