"""Une version figée ne se modifie pas (sauf, une fois, sa réouverture) et ne s'efface pas ; un dossier figé
et ses décisions non plus, ni un dossier clos. L'épreuve et la session d'un dossier sont celles de sa
commission."""

from __future__ import annotations

from trpm.base.declencheurs import Garde, Suivi

VERSION = "certification_versionfigee"
DECISION = "certification_decision"
DOSSIER = "certification_dossier"
CITATION = "certification_tracecitee"
COMMISSION = "certification_commission"

FIGE = "Ce dossier est figé : la base refuse de le modifier."
CLOS = "Ce dossier est clos : la base refuse de le modifier."
CLOSE = "Cette commission est close : elle ne reçoit plus de candidat."
PLACE = "L’épreuve et la session d’un dossier sont celles de sa commission."
INTACTE = "Une version figée ne se modifie pas et ne s’efface pas."

_IMMUABLES = ("id", "dossier_id", "numero", "contenu", "empreinte", "figee_le", "figee_par_id")
_MODIFIEE = " OR ".join(f"NEW.{champ} {{differe}} OLD.{champ}" for champ in _IMMUABLES)


def _fige(dossier: str) -> str:
    en_vigueur = f"v.dossier_id = {dossier} AND v.rouverte_le IS NULL"
    return f"EXISTS (SELECT 1 FROM {VERSION} v WHERE {en_vigueur})"  # noqa: S608 (aucune saisie)


def _clos(dossier: str) -> str:
    return f"EXISTS (SELECT 1 FROM {DOSSIER} d WHERE d.id = {dossier} AND d.clos_le IS NOT NULL)"  # noqa: S608


_LES_DEUX = f"{_fige('OLD.dossier_id')} OR {_fige('NEW.dossier_id')}"
_LES_DEUX_CLOS = f"{_clos('OLD.dossier_id')} OR {_clos('NEW.dossier_id')}"
_SIENNE = f"SELECT 1 FROM {COMMISSION} c WHERE c.id = NEW.commission_id"  # noqa: S608
_DEPLACE = f"EXISTS ({_SIENNE} AND (c.epreuve_id <> NEW.epreuve_id OR c.session <> NEW.session))"
_CLOSE = f"EXISTS ({_SIENNE} AND c.close_le IS NOT NULL)"
_AUTRES = f"SELECT 1 FROM {DOSSIER} d WHERE d.commission_id = OLD.id"  # noqa: S608
_LAISSES = f"EXISTS ({_AUTRES} AND (d.epreuve_id <> NEW.epreuve_id OR d.session <> NEW.session))"

GARDES = (
    Garde("version_intacte", "UPDATE", VERSION, INTACTE, f"OLD.rouverte_le IS NOT NULL OR {_MODIFIEE}"),
    Garde("version_gardee", "DELETE", VERSION, INTACTE),
    Garde("citation_intacte", "UPDATE", CITATION, INTACTE),
    Garde("citation_gardee", "DELETE", CITATION, INTACTE),
    Garde("decision_ajoutee", "INSERT", DECISION, FIGE, _fige("NEW.dossier_id")),
    Garde("decision_changee", "UPDATE", DECISION, FIGE, _LES_DEUX),
    Garde("decision_otee", "DELETE", DECISION, FIGE, _fige("OLD.dossier_id")),
    Garde("dossier_change", "UPDATE", DOSSIER, FIGE, _fige("OLD.id")),
    Garde("dossier_clos_change", "UPDATE", DOSSIER, CLOS, "OLD.clos_le IS NOT NULL"),
    Garde("dossier_clos_ote", "DELETE", DOSSIER, CLOS, "OLD.clos_le IS NOT NULL"),
    Garde("decision_close_ajoutee", "INSERT", DECISION, CLOS, _clos("NEW.dossier_id")),
    Garde("decision_close_changee", "UPDATE", DECISION, CLOS, _LES_DEUX_CLOS),
    Garde("decision_close_otee", "DELETE", DECISION, CLOS, _clos("OLD.dossier_id")),
    Garde("version_close_ajoutee", "INSERT", VERSION, CLOS, _clos("NEW.dossier_id")),
    Garde("dossier_place", "INSERT", DOSSIER, PLACE, _DEPLACE),
    Garde("dossier_replace", "UPDATE", DOSSIER, PLACE, _DEPLACE),
    Garde("dossier_ferme", "INSERT", DOSSIER, CLOSE, _CLOSE),
    Garde(
        "dossier_referme",
        "UPDATE",
        DOSSIER,
        CLOSE,
        f"NEW.commission_id <> OLD.commission_id AND {_CLOSE}",
    ),
    Garde("commission_tenue", "UPDATE", COMMISSION, PLACE, _LAISSES),
)

# --- Ce qui avance la révision d'un dossier : sa commission, ou son élève --------------------------

# Ce qu'un dossier porte avance son élève : les autres de sa commission ne se recomposent pas. Elle n'avance
# que s'il en arrive ou s'en va un.
_CANDIDAT = f"SELECT d.eleve_id AS cle FROM {DOSSIER} d WHERE d.id = {{ligne}}.dossier_id"  # noqa: S608
_FIGE = (
    f"SELECT d.eleve_id AS cle FROM {DOSSIER} d JOIN {VERSION} v ON v.dossier_id = d.id "  # noqa: S608
    "WHERE v.id = {ligne}.version_id"
)
_ELEVES = {
    DOSSIER: "eleve_id",
    DECISION: _CANDIDAT,
    VERSION: _CANDIDAT,
    CITATION: _FIGE,
    "certification_verification": _FIGE,
}
_COMMISSIONS = {
    COMMISSION: "id",
    "certification_membre": "commission_id",
    "certification_accesjury": "commission_id",
    "certification_lot": "commission_id",
    "certification_verification": "SELECT {ligne}.commission_id AS cle "
    "UNION SELECT c.id FROM certification_commission c WHERE c.reunion_id = {ligne}.reunion_id",
    "certification_miseenservice_commissions": "commission_id",
    "certification_ouverturejury": "SELECT a.commission_id AS cle FROM certification_accesjury a "
    "WHERE a.id = {ligne}.acces_id",
    "certification_tirage": "SELECT l.commission_id AS cle FROM certification_lot l "
    "WHERE l.id = {ligne}.lot_id",
}

# Ce que l'accueil lit des historiques pour savoir ce qui est à confirmer (`seance/touches.py`). Une ligne et
# son histoire ne s'écrivent pas toujours dans la même transaction : qui lirait entre les deux garderait un
# compte périmé. Un niveau et une observation n'y sont pas : ils ne s'écrivent qu'en transaction.
_HISTOIRES = (
    (COMMISSION, "commission", "id"),
    (DOSSIER, "eleve", _CANDIDAT.replace("dossier_id", "id")),
    (DECISION, "eleve", _CANDIDAT),
    (
        "livret_situation",
        "eleve",
        "SELECT e.eleve_id AS cle FROM livret_evaluation e WHERE e.situation_id = {ligne}.id",
    ),
    ("livret_eleve", "eleve", "id"),
)

SUIVIS = (
    *(Suivi(table, "eleve", cle) for table, cle in _ELEVES.items()),
    *(Suivi(table, "commission", cle) for table, cle in _COMMISSIONS.items()),
    Suivi(DOSSIER, "commission", "commission_id", ("eleve_id", "commission_id", "clos_le"), lignes=True),
    *(Suivi(f"certification_{table}", "commune", "0") for table in ("reunion", "miseenservice")),
    *(Suivi(table.replace("_", "_historical"), genre, cle) for table, genre, cle in _HISTOIRES),
)
# Ce que la page d'une commission ne montre pas : un test le tient.
SANS_SUITE = frozenset({"certification_extraction", "certification_entete"})
