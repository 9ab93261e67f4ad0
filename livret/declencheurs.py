"""Un bilan validé ne se modifie pas et ne s'efface pas ; la fiche d'un tuteur validée, avec sa signature,
ses avis et ses tâches, non plus."""

from __future__ import annotations

from trpm.base.declencheurs import Garde, Suivi

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

# --- Ce qui avance la révision d'une classe ou d'une commission -----------------------------------

COMMUNE, CLASSE, ELEVE = "commune", "classe", "eleve"
_EVALUES = (
    "SELECT e.eleve_id AS cle FROM livret_evaluation e WHERE e.situation_id = {situation} "
    "UNION SELECT o.eleve_id FROM livret_observation o WHERE o.situation_id = {situation}"
)
_CLASSE = "SELECT s.classe_id AS cle FROM livret_situation s WHERE s.id = {situation}"
_POSTE = "(SELECT p.situation_id FROM livret_poste p WHERE p.id = {ligne}.poste_id)"
_PFMP = "SELECT DISTINCT p.eleve_id AS cle FROM livret_pfmp p WHERE p.{colonne} = {{ligne}}.{cle}"
_FICHE = (
    "SELECT p.eleve_id AS cle FROM livret_pfmp p JOIN livret_fichetuteur f ON f.pfmp_id = p.id "
    "WHERE f.id = {ligne}.fiche_id"
)


def _de_situation(table: str, situation: str) -> tuple[Suivi, ...]:
    """La classe de la situation, et les élèves qui y furent évalués, où qu'ils soient passés depuis."""
    return tuple(
        Suivi(table, genre, cle.replace("{situation}", situation))
        for genre, cle in ((CLASSE, _CLASSE), (ELEVE, _EVALUES))
    )


def _liens(table: str, *noms: str) -> tuple[str, ...]:
    return tuple(f"livret_{table}_{nom}" for nom in noms)


PROGRAMME = ("taches", "competences", "detaillees")
# Une ligne y nomme son élève.
D_UN_ELEVE = (
    *("scolarite", "observation", "evaluation", "fiche", "remarque", "autoevaluation", "trace", "demande"),
    *("pfmp", "photoeleve", "groupe_eleves", "affectation", "bilan", "changementdepromotion"),
)
D_UNE_CLASSE = ("scolarite", "situation", "groupe", "demande", "bilan", "classe_equipe", "periode")
COMMUNES = ("etablissement", "anneescolaire", "promotion", "appartenance", "echelleattendue", "attente")
RENCONTRES = ("tuteur", "entreprise")  # d'un clic, de tous les élèves qu'ils accueillent

SUIVIS = (
    *(Suivi(f"livret_{table}", COMMUNE, "0") for table in (*COMMUNES, *RENCONTRES)),
    Suivi("livret_utilisateur", COMMUNE, "0", ("username", "first_name", "last_name", "is_active")),
    Suivi("livret_classe", CLASSE, "id"),
    *(Suivi(f"livret_{table}", CLASSE, "classe_id") for table in D_UNE_CLASSE),
    Suivi("livret_eleve", ELEVE, "id"),
    *(Suivi(f"livret_{table}", ELEVE, "eleve_id") for table in D_UN_ELEVE),
    Suivi("livret_situation", ELEVE, _EVALUES.replace("{situation}", "{ligne}.id")),
    *(un for table in _liens("situation", *PROGRAMME) for un in _de_situation(table, "{ligne}.situation_id")),
    *(
        un
        for table in ("livret_poste", "livret_piecejointe")
        for un in _de_situation(table, "{ligne}.situation_id")
    ),
    *(un for table in _liens("poste", *PROGRAMME[1:]) for un in _de_situation(table, _POSTE)),
    Suivi(
        "livret_groupe_eleves",
        CLASSE,
        "SELECT g.classe_id AS cle FROM livret_groupe g WHERE g.id = {ligne}.groupe_id",
    ),
    Suivi("livret_periode", ELEVE, _PFMP.format(colonne="periode_id", cle="id")),
    *(
        Suivi(f"livret_{table}", ELEVE, _PFMP.format(colonne="id", cle="pfmp_id"))
        for table in ("sejour", "absence", "visite", "fichetuteur", "pfmp_taches", "pfmp_competences")
    ),
    Suivi("livret_avistuteur", ELEVE, _FICHE),
    Suivi("livret_fichetuteur_taches", ELEVE, _FICHE.replace("fiche_id", "fichetuteur_id")),
    Suivi(
        "livret_trace_competences",
        ELEVE,
        "SELECT t.eleve_id AS cle FROM livret_trace t WHERE t.id = {ligne}.trace_id",
    ),
)
# Ce que ni la page d'une classe, ni celle d'une commission ne montrent : un test le tient.
SANS_SUITE = frozenset(
    f"livret_{table}"
    for table in (
        *(
            "utilisateur_groups",
            "utilisateur_user_permissions",
            "jeton",
            "invitation",
            "codeouverture",
            "essaidecode",
        ),
        *(
            "accusedelecture",
            "mandatinspection",
            "responsable",
            "lientuteur",
            "transfertrecu",
            "passagedannee",
        ),
        *(
            "operation",
            "phrase",
            "colonnesretenues",
            "sanscours",
            "pfmpprevue",
            "sequence",
            "sequence_situations",
        ),
        *(f"sequence_{nom}" for nom in PROGRAMME),
        *(f"sequence_{nom}_evaluees" for nom in PROGRAMME),
        *("modelesituation", *(f"modelesituation_{nom}" for nom in PROGRAMME)),
        *("postemodele", *(f"postemodele_{nom}" for nom in PROGRAMME[1:])),
    )
)
