"""Une version figée ne se modifie pas (sauf, une fois, sa réouverture) et ne s'efface pas ; un dossier figé
et ses décisions non plus."""

from __future__ import annotations

from trpm.declencheurs import Garde

VERSION = "certification_versionfigee"
DECISION = "certification_decision"
DOSSIER = "certification_dossier"
CITATION = "certification_tracecitee"

FIGE = "Ce dossier est figé : la base refuse de le modifier."
INTACTE = "Une version figée ne se modifie pas et ne s’efface pas."

_IMMUABLES = ("id", "dossier_id", "numero", "contenu", "empreinte", "figee_le", "figee_par_id")
_MODIFIEE = " OR ".join(f"NEW.{champ} {{differe}} OLD.{champ}" for champ in _IMMUABLES)


def _fige(dossier: str) -> str:
    en_vigueur = f"v.dossier_id = {dossier} AND v.rouverte_le IS NULL"
    return f"EXISTS (SELECT 1 FROM {VERSION} v WHERE {en_vigueur})"  # noqa: S608 (aucune saisie)


_LES_DEUX = f"{_fige('OLD.dossier_id')} OR {_fige('NEW.dossier_id')}"

GARDES = (
    Garde("version_intacte", "UPDATE", VERSION, INTACTE, f"OLD.rouverte_le IS NOT NULL OR {_MODIFIEE}"),
    Garde("version_gardee", "DELETE", VERSION, INTACTE),
    Garde("citation_intacte", "UPDATE", CITATION, INTACTE),
    Garde("citation_gardee", "DELETE", CITATION, INTACTE),
    Garde("decision_ajoutee", "INSERT", DECISION, FIGE, _fige("NEW.dossier_id")),
    Garde("decision_changee", "UPDATE", DECISION, FIGE, _LES_DEUX),
    Garde("decision_otee", "DELETE", DECISION, FIGE, _fige("OLD.dossier_id")),
    Garde("dossier_change", "UPDATE", DOSSIER, FIGE, _fige("OLD.id")),
)
