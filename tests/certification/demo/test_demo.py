"""Le lycée de démonstration : ce que `charger_demo` écrit, au chiffre près."""

import datetime
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import CharField, F, TextField
from django.test import Client, override_settings
from django.urls import reverse

from certification.dossier.resultats import DossierLu, dossiers_lus
from certification.models import (
    AccesJury,
    Commission,
    Decision,
    Dossier,
    Membre,
    Reunion,
    VersionFigee,
)
from livret.bilan.lus import bilans_lus
from livret.models import (
    Absence,
    Affectation,
    Appartenance,
    Attente,
    AutoEvaluation,
    Bilan,
    Classe,
    Demande,
    Eleve,
    Entreprise,
    Etablissement,
    Evaluation,
    Fiche,
    FicheTuteur,
    Groupe,
    ModeleSituation,
    Observation,
    Periode,
    Pfmp,
    PfmpPrevue,
    Poste,
    Promotion,
    Scolarite,
    Sejour,
    Sequence,
    Situation,
    Trace,
    Tuteur,
    Utilisateur,
    Visite,
)
from livret.personnes.identifiants import faute_uai, ine_reconnu
from livret.pfmp.suivi import semaines_par_eleve, suivis
from livret.progression.attentes import attentes_de
from tests import factories
from trpm.permissions import Action, Role

# Sans cette marque, la base des tests ne serait pas montée pour ce fichier joué seul.
pytestmark = pytest.mark.django_db

MOT_DE_PASSE = "un-secret-de-demo"
COMPTES = ("admin", "prof", "eleve", "membre", "president", "inspecteur")
NIVEAUX_ATTENDUS = "dbad0d7e694c530fb8ba3e3290d3dba6ff11dfef1c365d5cca3b4cf1e19f627b"

CHAMPS: dict[type[models.Model], list[str]] = {
    Etablissement: ["uai", "nom", "adresse", "ville", "academie"],
    Utilisateur: ["username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser"],
    Appartenance: ["utilisateur__username", "etablissement__uai", "role"],
    Promotion: ["nom", "option__code", "session", "referentiel__version"],
    Classe: ["nom", "niveau", "annee__debut", "promotion__nom", "equipe__username"],
    Eleve: ["nom", "prenom", "naissance", "ine", "option__code", "statut__code", "numero_candidat"]
    + ["utilisateur__username", "actif", "promotion__nom"],
    Scolarite: ["eleve__nom", "classe__nom", "sortie"],
    Situation: ["classe__nom", "intitule", "nature", "lieu", "debut", "fin", "semestre", "description"]
    + [
        "documents",
        "materiels",
        "outils",
        "numeriques",
        "groupe__nom",
        "entreprise",
        "tuteur",
        "etat",
        "retenue",
        "retenue_motif",
        "auteur__username",
    ]
    + ["creee_le", "publiee_le"],
    Groupe: ["classe__nom", "nom", "eleves__nom"],
    Poste: ["situation__intitule", "nom", "ordre", "detaillees__code"],
    Affectation: ["situation__intitule", "poste__nom", "eleve__nom", "tour"],
    Situation.taches.through: ["situation__intitule", "tache__code", "tache__option__code"],
    Situation.detaillees.through: ["situation__intitule", "detaillee__code", "detaillee__option__code"],
    Situation.competences.through: ["situation__intitule", "competence__code"],
    Evaluation: ["situation__intitule", "eleve__nom", "competence__code", "niveau__valeur", "mention"],
    Observation: ["situation__intitule", "eleve__nom", "detaillee__code", "niveau__valeur", "mention"],
    Fiche: ["situation__intitule", "eleve__nom", "commentaire", "auteur__username", "modifie_le"],
    Bilan: ["eleve__nom", "semestre", "date", "numero", "etat", "appreciation", "mots", "objectifs"]
    + ["convenu", "entretien_avec__username", "valide_le", "empreinte"],
    AutoEvaluation: ["eleve__nom", "competence__code", "niveau__valeur", "date", "situation__intitule"],
    Demande: ["eleve__nom", "classe__nom", "competence__code", "reponse", "creee_le", "traitee_le"],
    Trace: [
        "eleve__nom",
        "texte",
        "nom",
        "origine",
        "au_dossier",
        "creee_le",
        "empreinte",
        "competences__code",
    ],
    Entreprise: ["nom", "siret", "adresse", "ville", "telephone", "secteur"],
    Tuteur: ["entreprise__nom", "nom", "fonction", "courriel", "telephone"],
    Periode: ["classe__nom", "intitule", "debut", "fin"],
    Pfmp: ["periode__intitule", "eleve__nom", "referent__username", "etat", "annexe_relue_le"],
    Pfmp.taches.through: ["pfmp__eleve__nom", "pfmp__periode__debut", "tache__code"],
    Pfmp.competences.through: ["pfmp__eleve__nom", "pfmp__periode__debut", "competence__code"],
    Sejour: ["pfmp__eleve__nom", "entreprise__nom", "tuteur__nom", "debut", "fin", "jours", "rattrapage"],
    Absence: ["pfmp__eleve__nom", "debut", "fin", "jours", "justifiee", "rattrapee"],
    Visite: ["pfmp__eleve__nom", "date", "par__username", "nature", "compte_rendu"],
    Reunion: ["intitule", "session", "date", "heure", "lieu"],
    Commission: [
        "reunion__intitule",
        "intitule",
        "epreuve__code",
        "grille__version",
        "session",
        "date",
        "heure",
        "lieu",
    ],
    Membre: ["commission__intitule", "nom", "qualite", "present", "utilisateur__username"],
    Dossier: ["commission__intitule", "eleve__nom", "situation", "note_conservee", "session_conservee"]
    + ["observations", "note_proposee", "motif_ecart", "modifie_le"],
    Decision: ["dossier__eleve__nom", "competence__code", "niveau__valeur", "motif", "modifie_le"],
    VersionFigee: ["dossier__eleve__nom", "numero", "figee_le", "figee_par__username"],
    Attente: ["echelle__promotion__nom", "echelle__numero", "echelle__nom", "echelle__enregistree_le"]
    + ["competence__code", "semestre", "niveau__valeur"],
    PfmpPrevue: ["promotion__nom", "debut", "fin"],
    Sequence: ["promotion__nom", "classe__nom", "intitule", "nature", "debut", "fin", "description"]
    + ["auteur__username"],
    Sequence.situations.through: ["sequence__intitule", "situation__intitule"],
    Sequence.taches.through: ["sequence__intitule", "tache__code", "tache__option__code"],
    Sequence.detaillees_evaluees.through: ["sequence__intitule", "detaillee__code"],
}


def releve(modele: type[models.Model]) -> list[str]:
    """Les lignes d'un modèle par leurs codes et leurs noms, sans clé primaire, dans un ordre fixe."""
    return sorted(
        json.dumps(ligne, default=str) for ligne in modele._base_manager.values_list(*CHAMPS[modele])
    )


def empreinte(*modeles: type[models.Model]) -> str:
    return sha256("\n".join(ligne for modele in modeles for ligne in releve(modele)).encode()).hexdigest()


@dataclass(frozen=True)
class Demo:
    annonce_au_hasard: str
    annonce: str
    premier: str
    second: str


def charge(mot_de_passe: str) -> str:
    """Charge la démonstration et rend ce que la commande a écrit."""
    factories.trpm()
    sortie = io.StringIO()
    with override_settings(DEMO_PASSWORD=mot_de_passe):
        call_command("charger_demo", stdout=sortie)
    return sortie.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Demo]:
    """La démonstration chargée deux fois de suite : une fois défaite, une fois gardée le temps du module."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with transaction.atomic():
            annonce_au_hasard = charge("")
            premier = empreinte(*CHAMPS)
            transaction.set_rollback(True)
        with transaction.atomic():
            yield Demo(annonce_au_hasard, charge(MOT_DE_PASSE), premier, empreinte(*CHAMPS))
            transaction.set_rollback(True)


def lus(commission: str) -> dict[str, DossierLu]:
    dossiers = Dossier.objects.filter(commission__intitule=f"{commission}, session 2026")
    return {lu.dossier.eleve.nom: lu for lu in dossiers_lus(dossiers)}


# --- La commande ------------------------------------------------------------------------------


@pytest.mark.long
def test_annonce_un_compte_par_role(demo: Demo) -> None:
    assert demo.annonce.splitlines()[:9] == [
        "Lycée professionnel des Trois-Étaux\N{NO-BREAK SPACE}: données de démonstration chargées.",
        "",
        "  Rôle                      Compte       Mot de passe        Personne",
        "  administrateur            admin        un-secret-de-demo   Nadège Ferrant",
        "  enseignant                prof         un-secret-de-demo   Claire Vautrin",
        "  élève                     eleve        un-secret-de-demo   Jade DUMAS",
        "  membre de commission      membre       un-secret-de-demo   Isabelle Thévenot",
        "  président de commission   president    un-secret-de-demo   Philippe Aubertin",
        "  inspecteur                inspecteur   un-secret-de-demo   Odile Sarrazin",
    ]


def test_annonce_le_lien_d_un_tuteur_qui_n_a_pas_de_compte(demo: Demo) -> None:
    adresse = re.search(r"/fiche/\d+/[\w-]{43}/", demo.annonce)
    assert adresse
    assert "Tom FAURE" in Client().get(adresse[0]).content.decode()


def test_trois_fiches_de_tuteurs_une_par_etat(demo: Demo) -> None:
    assert sorted(FicheTuteur.objects.values_list("etat", "pfmp__eleve__nom")) == [
        ("brouillon", "FAURE"),
        ("envoyee", "BENALI"),
        ("validee", "AUBRY"),
    ]
    validee = FicheTuteur.objects.get(etat="validee")
    evaluations = validee.situation.evaluations.all()
    assert list(validee.situation.eleves()) == [validee.pfmp.eleve]
    assert {une.eleve for une in evaluations} == {validee.pfmp.eleve}
    assert set(validee.avis.values_list("competence__code", "niveau__valeur")) == set(
        evaluations.values_list("competence__code", "niveau__valeur")
    )


def test_mot_de_passe_au_hasard_sans_reglage(demo: Demo) -> None:
    mots = {re.split(r"\s{2,}", ligne.strip())[2] for ligne in demo.annonce_au_hasard.splitlines()[3:9]}
    assert len(mots) == 1
    assert re.fullmatch(r"[a-z2-9]{12}", mots.pop())


def test_seuls_les_comptes_annonces_s_ouvrent(demo: Demo) -> None:
    assert sorted(c.username for c in Utilisateur.objects.all() if c.check_password(MOT_DE_PASSE)) == sorted(
        COMPTES
    )
    collegues = Utilisateur.objects.exclude(username__in=COMPTES)
    assert [compte.has_usable_password() for compte in collegues] == [False] * 7


def test_chaque_compte_annonce_ne_tient_que_son_role(demo: Demo) -> None:
    assert {nom: Utilisateur.objects.get(username=nom).roles for nom in COMPTES} == {
        "admin": {Role.ADMINISTRATEUR},
        "prof": {Role.ENSEIGNANT},
        "eleve": {Role.ELEVE},
        "membre": {Role.MEMBRE},
        "president": {Role.PRESIDENT},
        "inspecteur": {Role.INSPECTEUR},
    }
    assert Utilisateur.objects.get(username="b.roussel").roles == {Role.ENSEIGNANT, Role.ADMINISTRATEUR}
    assert not Utilisateur.objects.filter(is_staff=True).exists()


def test_charger_deux_fois_ne_change_rien(demo: Demo) -> None:
    sortie = io.StringIO()
    call_command("charger_demo", stdout=sortie)
    assert sortie.getvalue().splitlines()[0] == (
        "Les données de démonstration (Lycée professionnel des Trois-Étaux) sont déjà là, rien n’a changé."
    )
    geste = f"rm {connection.settings_dict['NAME']}" if connection.vendor == "sqlite" else "manage.py flush"
    assert f"{geste}, puis make demo" in sortie.getvalue()
    assert empreinte(*CHAMPS) == demo.second


def test_deux_chargements_donnent_les_memes_donnees(demo: Demo) -> None:
    assert demo.premier == demo.second


def test_les_niveaux_sont_les_memes_sur_toute_machine(demo: Demo) -> None:
    """Empreinte à renouveler quand on change à dessein les niveaux de la démonstration."""
    assert empreinte(Evaluation, Observation) == NIVEAUX_ATTENDUS


# --- Le lycée ---------------------------------------------------------------------------------


def test_effectifs(demo: Demo) -> None:
    assert {
        modele.__name__: modele._base_manager.count() for modele in CHAMPS if not modele._meta.auto_created
    } == {
        "Etablissement": 1,
        "Utilisateur": 13,
        "Appartenance": 18,
        "Promotion": 2,
        "Classe": 6,
        "Eleve": 48,
        "Scolarite": 144,
        "Situation": 56,
        "Groupe": 2,
        "Poste": 3,
        "Affectation": 36,
        "Evaluation": 2697,
        "Observation": 7392,
        "Fiche": 531,
        "Bilan": 73,
        "AutoEvaluation": 32,
        "Demande": 2,
        "Trace": 5,
        "Entreprise": 8,
        "Tuteur": 9,
        "Periode": 12,
        "Pfmp": 264,
        "Sejour": 309,
        "Absence": 2,
        "Visite": 261,
        "Reunion": 1,
        "Commission": 6,
        "Membre": 42,
        "Dossier": 144,
        "Decision": 27,
        "VersionFigee": 2,
        "Attente": 160,
        "PfmpPrevue": 10,
        "Sequence": 25,
    }
    assert Counter(Eleve.objects.values_list("promotion__nom", flat=True)) == {
        "TRPM RSP 2026": 24,
        "TRPM RMO 2026": 24,
    }


def test_chaque_eleve_passe_par_trois_classes_de_sa_promotion(demo: Demo) -> None:
    parcours = {
        eleve.nom: sorted(
            eleve.scolarites.filter(classe__promotion=F("eleve__promotion")).values_list(
                "classe__niveau", "classe__annee__debut"
            )
        )
        for eleve in Eleve.objects.all()
    }
    assert list(parcours.values()) == [[("1re", 2024), ("2de", 2023), ("Tle", 2025)]] * 48


def test_les_identifiants_sont_inventes(demo: Demo) -> None:
    ines = list(Eleve.objects.order_by("ine").values_list("ine", flat=True))
    assert (ines[0], ines[-1], len(set(ines))) == ("DEMO000001X", "DEMO000048X", 48)
    assert [ine for ine in ines if ine_reconnu(ine)] == []
    assert faute_uai(Etablissement.objects.get().uai) == ""
    assert Utilisateur.objects.exclude(email__endswith=".invalid").count() == 0


def test_statuts(demo: Demo) -> None:
    assert Counter(Eleve.objects.values_list("statut__code", flat=True)) == {
        "scolaire": 44,
        "apprentissage-habilite": 2,
        "apprentissage-non-habilite": 1,
        "fc-public": 1,
    }


def test_prof_enseigne_dans_les_deux_terminales_et_a_une_grille_ouverte(demo: Demo) -> None:
    prof = Utilisateur.objects.get(username="prof")
    assert sorted(Classe.objects.for_user(prof, Action.EVALUER).values_list("nom", flat=True)) == [
        "Tle TRPM RMO",
        "Tle TRPM RSP",
    ]
    ouvertes = Situation.objects.for_user(prof, Action.EVALUER).filter(etat="ouverte")
    assert sorted(situation.intitule for situation in ouvertes) == [
        "Fiche de vie d’un outil\N{NO-BREAK SPACE}: bilan de l’année",
        "Projet de série\N{NO-BREAK SPACE}: bilan de poste avant l’été",
    ]
    assert [situation.evaluations.values("eleve").distinct().count() for situation in ouvertes] in (
        [9, 7],
        [7, 9],
    )


def test_les_bilans_montrent_chaque_etat(demo: Demo) -> None:
    comptes = Counter(Bilan.objects.values_list("semestre", "etat"))
    assert comptes == {
        (4, "valide"): 24,
        (5, "valide"): 25,
        (6, "entretien"): 1,
        (6, "prepare"): 11,
        (6, "brouillon"): 12,
    }
    assert [bilan for bilan in Bilan.objects.all() if not bilan.intact] == []
    assert [lu.contenu.precedent.semestre for lu in bilans_lus(Bilan.objects.filter(semestre=6))] == [5] * 24
    siens = Bilan.objects.for_user(Utilisateur.objects.get(username="eleve"), Action.VOIR_BILAN)
    assert [bilan.semestre for bilan in siens] == [4, 5]


# --- Les situations ---------------------------------------------------------------------------


def test_les_certificatives_sont_dans_l_annee_civile_de_la_session(demo: Demo) -> None:
    certificatives = Situation.objects.filter(nature="certificative")
    assert Counter(situation.fin.year for situation in certificatives) == {2026: 21}
    assert all(situation.est_retenue(2026) for situation in certificatives)
    assert [s.retenue_motif for s in Situation.objects.filter(retenue=True)] == [
        "Retenue par l’équipe\N{NO-BREAK SPACE}: mêmes exigences que les situations d’E32."
    ]


def test_toute_situation_est_evaluee_par_quelqu_un_de_l_equipe(demo: Demo) -> None:
    hors_equipe = [
        situation.intitule
        for situation in Situation.objects.select_related("auteur")
        if not situation.classe.equipe.filter(pk=situation.auteur_id).exists()
    ]
    assert hors_equipe == []


def test_natures_et_lieux(demo: Demo) -> None:
    assert Counter(Situation.objects.values_list("classe__niveau", "nature", "lieu")) == {
        ("2de", "formative", "centre"): 6,
        ("2de", "formative", "entreprise"): 6,
        ("1re", "formative", "centre"): 8,
        ("1re", "formative", "entreprise"): 8,
        ("Tle", "formative", "centre"): 7,
        ("Tle", "certificative", "centre"): 12,
        ("Tle", "certificative", "entreprise"): 9,
    }
    assert not Situation.objects.filter(lieu="entreprise", tuteur="").exists()
    assert not Situation.objects.filter(documents="", materiels="").exists()
    assert not Situation.objects.exclude(moyens="").exists()
    assert not Situation.objects.filter(description="").exists()


def test_une_demi_classe_tourne_sur_trois_postes_en_trois_tours(demo: Demo) -> None:
    scene = Situation.objects.get(postes__nom="Centre d’usinage")
    assert (str(scene.groupe), scene.etat, scene.eleves().count()) == ("Demi-classe A", "ouverte", 12)
    assert [poste.nom for poste in scene.postes.all()] == [
        "Centre d’usinage",
        "Poste de contrôle",
        "Bilan de série",
    ]
    assert Counter(scene.affectations.values_list("poste__nom", "tour")) == {
        (poste.nom, tour): 4 for poste in scene.postes.all() for tour in (1, 2, 3)
    }
    assert [groupe.eleves.count() for groupe in scene.classe.groupes.all()] == [12, 12]


def test_la_bibliotheque_a_des_modeles_dont_partir(demo: Demo) -> None:
    modeles = ModeleSituation.objects.order_by("pk")
    sources = {une.intitule: une for une in Situation.objects.filter(etat="close")}
    assert [une.auteur for une in modeles] == [sources[une.intitule].auteur for une in modeles]
    assert [une.partage_le.date() for une in modeles] == [sources[une.intitule].fin for une in modeles]
    assert [une.competences.exists() for une in modeles] == [True] * 3


def test_rien_hors_de_l_option(demo: Demo) -> None:
    """C7.3 et les tâches propres à une option sont prises dans celle de la promotion."""
    autres = models.Q(option__isnull=False) & ~models.Q(option=F("situations__classe__promotion__option"))
    for lien in (Situation.taches, Situation.detaillees):
        assert not lien.field.related_model.objects.filter(autres, situations__isnull=False).exists()
    assert (
        not Observation.objects.filter(detaillee__option__isnull=False)
        .exclude(detaillee__option=F("eleve__option"))
        .exists()
    )


def test_les_niveaux_montent_avec_les_semestres(demo: Demo) -> None:
    moyennes = [
        Evaluation.objects.filter(situation__semestre=semestre).aggregate(m=models.Avg("niveau__valeur"))["m"]
        for semestre in range(1, 7)
    ]
    assert moyennes == sorted(moyennes)
    assert Counter(Evaluation.objects.values_list("mention", flat=True)) == {"": 2581, "NE": 67, "ABS": 49}


def test_chaque_saisie_a_son_historique(demo: Demo) -> None:
    evaluation = Evaluation.objects.select_related("situation", "auteur").latest("pk")
    trace = evaluation.history.get()
    assert (trace.history_type, trace.history_user, trace.history_date) == (
        "+",
        evaluation.auteur,
        evaluation.modifie_le,
    )
    assert evaluation.modifie_le.date() == evaluation.situation.fin
    for modele in (Eleve, Scolarite, Situation, Evaluation, Observation, Fiche, Decision):
        assert modele.history.count() == modele.objects.count()
    situation = Situation.objects.get(intitule__startswith="E31", intitule__contains="AC-14")
    assert situation.history.get().detaillees.count() == situation.detaillees.count() == 12


# --- Les commissions --------------------------------------------------------------------------


def test_une_commission_par_option_et_par_epreuve(demo: Demo) -> None:
    assert sorted(Commission.objects.values_list("intitule", "epreuve__code", "date")) == [
        ("E2 RMO, session 2026", "E2", datetime.date(2026, 6, 9)),
        ("E2 RSP, session 2026", "E2", datetime.date(2026, 6, 2)),
        ("E31 RMO, session 2026", "E31", datetime.date(2026, 6, 9)),
        ("E31 RSP, session 2026", "E31", datetime.date(2026, 6, 3)),
        ("E32 RMO, session 2026", "E32", datetime.date(2026, 6, 9)),
        ("E32 RSP, session 2026", "E32", datetime.date(2026, 6, 4)),
    ]
    reunion = Reunion.objects.get()
    assert (reunion.intitule, sorted(reunion.commissions.values_list("intitule", flat=True))) == (
        "Réunion E2, E31, E32 RMO, session 2026",
        ["E2 RMO, session 2026", "E31 RMO, session 2026", "E32 RMO, session 2026"],
    )
    membre = Utilisateur.objects.get(username="membre")
    assert Commission.objects.for_user(membre, Action.POSITIONNER).count() == 3
    for commission in Commission.objects.all():
        assert commission.dossiers.count() == 24
        assert Counter(commission.membres.values_list("qualite", flat=True)) == {
            "president": 1,
            "construction": 1,
            "enseignant": 4,
            "professionnel": 1,
        }
    assert Membre.objects.filter(utilisateur__isnull=True).values_list("qualite", "nom").distinct().get() == (
        "professionnel",
        "Robert Guénard, outilleur à la retraite",
    )


@pytest.mark.parametrize(
    ("commission", "etats"),
    [
        ("E2 RSP", {"figé": 1, "décidé": 8, "complet": 13, "ponctuel": 1, "note conservée": 1}),
        ("E31 RSP", {"complet": 21, "à compléter": 2, "ponctuel": 1}),
        ("E32 RSP", {"complet": 23, "ponctuel": 1}),
        ("E2 RMO", {"complet": 24}),
        ("E31 RMO", {"complet": 23, "absent justifié": 1}),
        ("E32 RMO", {"complet": 23, "à compléter": 1}),
    ],
)
def test_presque_tous_les_candidats_ont_une_note_calculee(
    demo: Demo, commission: str, etats: dict[str, int]
) -> None:
    assert Counter(lu.etat for lu in lus(commission).values()) == etats


@pytest.mark.parametrize(
    ("commission", "nom", "niveaux", "note"),
    [
        ("E2 RSP", "DUMAS", {"C1": 2, "C4": 2, "C5": 2}, "13.5"),
        ("E31 RSP", "DUMAS", {"C6": 2, "C7": 2, "C8": 2, "C9": 1}, "12.5"),
        ("E32 RSP", "DUMAS", {"C2": 2, "C3": 2, "C10": 3, "C11": 2, "C12": 3}, "17.0"),
        ("E2 RMO", "BOUCHER", {"C1": 3, "C4": 2, "C5": 2}, "15.0"),
        ("E31 RMO", "BOUCHER", {"C6": 2, "C7": 2, "C8": 2, "C9": 2}, "13.5"),
        ("E32 RMO", "BOUCHER", {"C2": 3, "C3": 3, "C10": 3, "C11": 3, "C12": 2}, "18.5"),
    ],
)
def test_notes_de_deux_candidates(
    demo: Demo, commission: str, nom: str, niveaux: dict[str, int], note: str
) -> None:
    grille = lus(commission)[nom].grille
    assert {ligne.code: ligne.propose for ligne in grille.lignes} == niveaux
    assert grille.calculee == Decimal(note)


def test_cas_particuliers(demo: Demo) -> None:
    rsp, rmo = lus("E31 RSP"), lus("E31 RMO")
    assert rsp["KONATÉ"].grille.manquantes == ("C8",)
    assert rsp["HAMIDI"].grille.manquantes == ("C9",)
    assert lus("E32 RMO")["PICARD"].grille.manquantes == ("C11",)
    assert rsp["MOREL"].grille.note is None
    assert rmo["IMBERT"].grille.note is None
    conservee = Dossier.objects.get(situation="note_conservee")
    assert (conservee.eleve.nom, conservee.note_conservee, conservee.session_conservee) == (
        "VIDAL",
        Decimal("12.00"),
        2025,
    )


def test_la_premiere_commission_a_commence(demo: Demo) -> None:
    decides = lus("E2 RSP")
    notes = {nom: lu.dossier.note_proposee for nom, lu in decides.items() if lu.dossier.note_proposee}
    assert notes == {
        nom: Decimal(note)
        for nom, note in {
            "ABADIE": "16.50",
            "AUBRY": "13.50",
            "BENALI": "14.00",
            "BERTHIER": "16.00",
            "CARON": "10.00",
            "CHEVALLIER": "13.50",
            "COULIBALY": "18.50",
            "DA SILVA": "20.00",
            "DESCHAMPS": "13.50",
        }.items()
    }
    assert [nom for nom, lu in decides.items() if lu.fige] == ["ABADIE"]
    assert all(lu.figeable for nom, lu in decides.items() if nom in notes and not lu.fige)
    berthier = decides["BERTHIER"]
    assert (berthier.grille.calculee, berthier.dossier.motif_ecart[:23]) == (
        Decimal("15.5"),
        "Dossier de réalisation ",
    )
    releve = [ligne for ligne in decides["CARON"].grille.lignes if ligne.motif]
    assert [(ligne.code, ligne.propose, ligne.niveau_arrete) for ligne in releve] == [("C5", 1, 2)]


def test_un_dossier_rouvert_a_deux_versions(demo: Demo) -> None:
    premiere, seconde = VersionFigee.objects.order_by("numero")
    assert premiere.dossier == seconde.dossier
    assert (premiere.numero, seconde.numero) == (1, 2)
    assert premiere.figee_le < premiere.rouverte_le < seconde.figee_le
    assert premiere.motif_reouverture == "L’observation ne disait rien de la PFMP de Tle."
    assert seconde.rouverte_le is None
    avant, apres = (json.loads(version.contenu) for version in (premiere, seconde))
    assert {cle for cle in apres if avant[cle] != apres[cle]} == {"observations"}
    assert apres["observations"] == seconde.dossier.observations


def test_ce_que_la_commission_peut_montrer(demo: Demo) -> None:
    """Une réunion de trois épreuves avec sa date, son heure et son lieu, une note conservée, un ponctuel."""
    reunion = Reunion.objects.get()
    convoquee = (datetime.date(2026, 6, 9), datetime.time(8, 30), "Salle des conseils")
    assert (reunion.date, reunion.heure, reunion.lieu) == convoquee
    assert list(reunion.commissions.values_list("date", "heure", "lieu")) == [convoquee] * 3
    assert Dossier.objects.filter(situation="note_conservee").count() == 1
    ponctuels = [
        nom
        for code in ("E2", "E31", "E32")
        for nom, lu in lus(f"{code} RSP").items()
        if lu.etat == "ponctuel"
    ]
    assert ponctuels == ["MOREL"] * 3


def test_une_piece_du_portfolio_est_au_dossier_de_son_epreuve_et_d_elle_seule(demo: Demo) -> None:
    cites = {
        lu.grille.commission.intitule: [preuve.trace for preuve in lu.grille.portfolio]
        for lu in dossiers_lus(Dossier.objects.all())
        if lu.grille.portfolio
    }
    piece = Trace.objects.get(origine="eleve", au_dossier=True)
    assert [competence.code for competence in piece.competences.all()] == ["C10"]
    assert cites == {"E32 RSP, session 2026": [piece.pk]}


def test_le_jury_lit_les_deux_versions_par_son_adresse(demo: Demo) -> None:
    adresse = re.search(r"/jury/\d+/[\w-]{43}/", demo.annonce)
    assert adresse
    page = Client().get(adresse[0])
    assert [(v.grille.candidat.nom, v.version.numero) for v, _ in page.context["versions"]] == [
        ("ABADIE", 1),
        ("ABADIE", 2),
    ]
    assert AccesJury.objects.get().destinataire == "Mme Courtois, présidente du jury"


def test_l_inspecteur_lit_les_situations_du_lycee_sans_nom_de_candidat(demo: Demo) -> None:
    client, lieu = Client(), Etablissement.objects.get()
    client.force_login(Utilisateur.objects.get(username="inspecteur"))
    page = client.get(reverse("certification:inspection-situations", args=[lieu.pk, 2026])).content.decode()
    assert "E31" in page
    assert [nom for nom in ("DUMAS", "ABADIE", "BOUCHER") if nom in page] == []
    assert client.get(Dossier.objects.all()[0].get_absolute_url()).status_code == 403


def test_une_photo_porte_le_nom_de_ce_qu_elle_est(demo: Demo) -> None:
    photos = Trace.objects.exclude(nom="").values_list("type_mime", "nom")
    assert {(genre, nom.rpartition(".")[2]) for genre, nom in photos} == {("image/jpeg", "jpg")}


@pytest.mark.long
def test_tout_est_valable_aux_yeux_des_modeles(demo: Demo) -> None:
    """Ce que la démonstration écrit en masse, un formulaire l'accepterait."""
    for modele in CHAMPS.keys() - {Evaluation, Observation, Dossier, VersionFigee}:
        if not modele._meta.auto_created:
            for objet in modele._base_manager.all():
                objet.full_clean(exclude=["password"] if modele is Utilisateur else None)


# --- La langue --------------------------------------------------------------------------------


def test_les_textes_sont_en_francais_typographie(demo: Demo) -> None:
    """Apostrophe courbe, espace insécable avant la ponctuation double, pas d'espace en bout de ligne."""
    fautes = re.compile(r"'|\.\.\.| [:;?!»]|« |\s$|  ")
    lus_ici: list[str] = []
    for modele in CHAMPS.keys() - {VersionFigee}:
        textes = [champ.name for champ in modele._meta.fields if isinstance(champ, CharField | TextField)]
        for ligne in modele._base_manager.values_list(*textes):
            lus_ici += [texte for texte in ligne if isinstance(texte, str)]
    assert len(lus_ici) > 1000
    assert sorted({texte for texte in lus_ici if fautes.search(texte)}) == []


# --- Les PFMP ---------------------------------------------------------------------------------


def test_chaque_ligne_des_pfmp_est_valide(demo: Demo) -> None:
    """SIRET à la clé juste, séjours qui ne se croisent pas, absences dans un séjour."""
    for modele in (Entreprise, Tuteur, Periode, Absence, Visite):
        for objet in modele.objects.all():
            objet.full_clean()
    for sejour in Sejour.objects.filter(pfmp__eleve__nom__in=["DUMAS", "BENALI", "CARON"]):
        sejour.full_clean()


def test_la_pfmp_de_terminale_montre_chaque_cas(demo: Demo) -> None:
    """Un changement de tuteur, une absence rattrapée, une qui ne l'est pas, des visites manquantes."""
    derniere = Pfmp.objects.filter(periode__intitule="PFMP n°\xa02", periode__classe__niveau="Tle")
    lus = {suivi.eleve.nom: suivi for suivi in suivis(derniere, datetime.date(2026, 6, 1))}
    assert len(lus) == 44
    assert [sejour.tuteur.nom for sejour in lus["DUMAS"].sejours] == ["Pascal Hérault", "Yvan Delorme"]
    assert {nom: str(lus[nom].jours_faits) for nom in ("ABADIE", "BENALI", "CARON")} == {
        "ABADIE": "20",
        "BENALI": "20.0",
        "CARON": "18.5",
    }
    assert {nom: suivi.manques for nom, suivi in lus.items() if suivi.manques} == {
        "FAURE": ("une visite",),
        "PERRIN": ("une visite",),
        "PICARD": ("une visite",),
    }


def test_les_semaines_de_trois_ans(demo: Demo) -> None:
    eleves = list(Eleve.objects.filter(nom__in=["DUMAS", "CARON", "VIDAL"]))
    semaines = semaines_par_eleve(eleves, datetime.date(2026, 6, 1))
    assert {eleve.nom: semaines[eleve.pk].texte for eleve in eleves} == {
        "CARON": "20,3\xa0/\xa022\xa0semaines",
        "DUMAS": "20,6\xa0/\xa022\xa0semaines",
        "VIDAL": "0\xa0/\xa022\xa0semaines",
    }


# --- L'échelle et la progression --------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "intitule", "evaluent", "epreuves"),
    [
        (
            "RSP",
            "Projet VH-32\N{NO-BREAK SPACE}: trente corps de vérin, du cahier des charges à la série suivie",
            ["E2", "E31", "E32"],
            {"C1", "C2", "C4", "C5", "C6", "C7", "C8", "C10", "C12"},
        ),
        (
            "RMO",
            "Projet PM-08\N{NO-BREAK SPACE}: remettre en état un poinçon-matrice",
            ["E31", "E32", "E2"],
            {"C1", "C2", "C4", "C5", "C6", "C7", "C8", "C10", "C11"},
        ),
    ],
)
def test_un_projet_complet_de_la_fiche_a_son_evaluation(
    demo: Demo, option: str, intitule: str, evaluent: list[str], epreuves: set[str]
) -> None:
    """Ce que le projet évalue est exactement ce que visent ses situations, et des niveaux y sont posés."""
    projet = Sequence.objects.get(promotion__option__code=option, intitule=intitule)
    situations = list(projet.situations.order_by("debut"))
    assert [situation.intitule.split()[0] for situation in situations] == evaluent
    assert {d.pk for s in situations for d in s.detaillees.all()} == set(
        projet.detaillees_evaluees.values_list("pk", flat=True)
    )
    assert {t.pk for s in situations for t in s.taches.all()} == set(
        projet.taches_evaluees.values_list("pk", flat=True)
    )
    assert set(projet.competences_evaluees.values_list("code", flat=True)) == epreuves
    assert all(projet.debut <= s.debut and s.fin <= projet.fin for s in situations)
    assert all(s.evaluations.filter(niveau__isnull=False).count() > 60 for s in situations)
    assert len(projet.description) > 900


def test_chaque_sequence_est_dans_ses_annees_et_couvre_ses_situations(demo: Demo) -> None:
    for sequence in Sequence.objects.all():
        sequence.full_clean()
        assert all(sequence.debut <= s.debut and s.fin <= sequence.fin for s in sequence.situations.all())
        assert set(sequence.detaillees_evaluees.all()) <= set(sequence.detaillees.all())
    assert Sequence.objects.filter(promotion__option__code="RSP").count() == 13
    assert Sequence.objects.filter(promotion__option__code="RMO").count() == 12


def test_les_pfmp_prevues_font_vingt_deux_semaines_sans_situation_au_lycee(demo: Demo) -> None:
    for promotion in Promotion.objects.all():
        periodes = list(promotion.pfmp_prevues.all())
        for periode in periodes:
            periode.full_clean()
            au_lycee = Situation.objects.filter(
                classe__promotion=promotion, lieu="centre", debut__lte=periode.fin, fin__gte=periode.debut
            )
            assert [str(une) for une in au_lycee] == []
        assert sum(periode.semaines for periode in periodes) == 22


def test_l_echelle_a_deux_versions_et_ne_recule_jamais(demo: Demo) -> None:
    for promotion in Promotion.objects.all():
        assert list(promotion.echelles.values_list("numero", "nom")) == [
            (2, "Bilan de fin de 1re"),
            (1, "Échelle de départ"),
        ]
        attentes = attentes_de([promotion])[promotion.pk]
        assert len(attentes.competences) == 12
        for par_semestre in attentes.competences.values():
            valeurs = [par_semestre[semestre] for semestre in sorted(par_semestre)]
            assert valeurs == sorted(valeurs)
