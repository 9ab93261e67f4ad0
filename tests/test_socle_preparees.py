"""Une requête gardée traduite rend ce que rend l'ORM, et n'est gardée que si c'est sûr."""

import datetime
import re
import threading
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pkgutil import walk_packages
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import certification
import livret
import referentiel
import trpm
from livret.classe import pages as pages_de_classe
from livret.eleve import pages as pages_d_eleve
from livret.eleve import suivi
from livret.eleve.views import eleve as vues_d_eleve
from livret.models import (
    Classe,
    Demande,
    Eleve,
    Evaluation,
    Observation,
    Operation,
)
from livret.personnes import candidats, classes, inscriptions
from livret.personnes.models.compte import Perimetre, Portee, _roles_tenus
from livret.pfmp import suivi as pfmp
from livret.progression import attentes
from livret.saisie import enregistrement, feuille
from livret.saisie.phrase import phrases_de
from livret.situation import pages, tournee
from livret.situation import visees as visees_de
from livret.synthese import cadre, livrets, tableau
from referentiel import echelles
from referentiel.models import Detaillee, Niveau
from tests import factories
from tests.monde import Monde
from trpm.base import preparees
from trpm.base.preparees import COURT, LONG, Petit, Preparee, inserer
from trpm.permissions import Action

pytestmark = pytest.mark.django_db


def par_classe(classe: int, eleves: tuple[int, ...] | None, option: int | None) -> QuerySet[Eleve, Eleve]:
    tous = Eleve.objects.filter(scolarites__classe=classe).select_related("option").order_by("nom", "prenom")
    tous = tous if eleves is None else tous.filter(pk__in=eleves)
    return tous if option is None else tous.filter(option=option)


def sans_plan(requetes: CaptureQueriesContext) -> list[str]:
    """Les requêtes, celles que PostgreSQL garde sous un nom étant écrites comme il les a reçues."""
    ordres = [un["sql"].rpartition("; ")[2] for un in requetes]
    if connection.vendor != "postgresql":
        return ordres
    with connection.cursor() as curseur:
        curseur.execute("SELECT name, statement FROM pg_prepared_statements")
        gardees = {nom: ordre.partition(" AS ")[2].partition("; EXECUTE ")[0] for nom, ordre in curseur}
    return [_en_clair(ordre, gardees) for ordre in ordres]


def _en_clair(ordre: str, gardees: dict[str, str]) -> str:
    nom, _, valeurs = ordre.removeprefix("EXECUTE ").removesuffix(")").partition("(")
    places = dict(enumerate(valeurs.split(", "), 1))
    if nom not in gardees:
        return ordre
    return re.sub(r"\$(\d+)", lambda place: places[int(place[1])], gardees[nom])


def test_elle_rend_ce_que_rend_l_orm_pour_chaque_forme_de_cles(monde: Monde) -> None:
    preparee = Preparee(par_classe)
    for classe in (monde.a.classe, monde.b.classe, monde.a.classe):
        for eleve in Eleve.objects.order_by("pk"):
            for eleves in (None, (), *(tuple(range(eleve.pk, eleve.pk + n)) for n in (1, 2, 4, 5, 9))):
                for option in (None, eleve.option_id, 0):
                    cles = (classe.pk, eleves, option)
                    with CaptureQueriesContext(connection) as ordinaires:
                        attendus = list(par_classe(*cles))
                    with CaptureQueriesContext(connection) as gardees:
                        lus = preparee(*cles)
                    assert [vars(un) | {"_state": 0} for un in lus] == [
                        vars(un) | {"_state": 0} for un in attendus
                    ]
                    if len(eleves or ()) <= COURT:
                        assert sans_plan(gardees) == [un["sql"] for un in ordinaires]
                    with CaptureQueriesContext(connection) as options:
                        assert [un.option.code for un in lus] == [un.option.code for un in attendus]
                    assert len(options) == 0


@pytest.mark.parametrize(
    "construire",
    [
        lambda pk: Eleve.objects.filter(pk__gt=pk).annotate(n=Value(pk % 1_000_003)).values_list("pk", "n"),
        lambda pk: Eleve.objects.filter(pk__gt=pk)[: 10 + pk % 1_000_003].values_list("pk"),
        lambda pk: Eleve.objects.filter(nom=str(pk)).values_list("pk"),
        lambda pk: Eleve.objects.values_list("pk"),
    ],
    ids=["une valeur qui s’en déduit", "une coupe", "un texte", "aucun paramètre"],
)
def test_elle_n_est_pas_gardee_si_la_cle_est_plus_qu_un_parametre(monde: Monde, construire: Any) -> None:
    preparee: Preparee[Any] = Preparee(construire)
    assert preparee.traduire((1,)) is None
    for pk in (0, monde.a.eleves[0].pk, 3):
        assert preparee(pk) == list(construire(pk))


def test_chaque_requete_d_une_saisie_est_gardee(monde: Monde) -> None:
    """Une case seule, telle que la demandent un enseignant et un administrateur qui enseigne."""
    une, cles = uuid4(), (1, (2,))
    assert _roles_tenus.traduire((1,))
    assert echelles.niveaux_de_la_grille.traduire((1,))
    assert feuille._eleves.traduire((1, 2, None, None, (3,)))
    assert feuille._eleves.traduire((1, 2, 3, None, (4,)))
    assert feuille._eleves.traduire((1, 2, None, 3, (4,)))
    for perimetre in (Perimetre((), (1,), 2), Perimetre((1,), (2,), 3)):
        assert enregistrement._verrouillee.traduire((1, *perimetre))
    for visees in (((1,), ()), ((), (1,))):
        assert visees_de.detaillees_visees.traduire((1, *visees))
        assert feuille._portees.traduire((*cles, *visees))
    assert visees_de.competences_visees.traduire(cles)
    assert enregistrement._operations.traduire(((une,), (une,), 1, 2))


def test_chaque_requete_d_une_grille_est_gardee(monde: Monde) -> None:
    for perimetre in (Perimetre((), (1,), 2), Perimetre((1,), (2,), 3)):
        assert pages._choisie.traduire((1, *perimetre))
        assert classes._evaluee.traduire((1, *perimetre))
    for groupe, seul in ((None, None), (3, None), (None, 4)):
        assert tournee._postes.traduire((1, 2, groupe, seul, 1))
        assert feuille._eleves.traduire((1, 2, groupe, seul, None))
    assert feuille._portees.traduire((1, None, None, None))
    assert visees_de.detaillees_visees.traduire((1, None, None))
    assert visees_de.competences_visees.traduire((1, None))
    assert phrases_de.traduire((1,))


def test_chaque_requete_d_une_page_de_classe_est_gardee(monde: Monde) -> None:
    trente, jour = tuple(range(32)), datetime.date(2026, 3, 12)
    for perimetre in (Perimetre((), (1,), 2), Perimetre((1,), (2,), 3)):
        assert classes._suivie.traduire((1, *perimetre))
        assert pages_de_classe._demandes.traduire((1, jour, *perimetre))
    assert classes._presents.traduire((1,))
    assert tableau._notees.traduire((trente,))
    assert tableau._citees.traduire((trente, 1))
    assert cadre._poids.traduire(((1,),))
    assert cadre._competences.traduire(((1,),))
    assert attentes._en_vigueur.traduire(((1,),))
    assert pages_de_classe._groupes.traduire((1,))
    assert pages_de_classe.ouvertes.traduire((1,))


def test_chaque_requete_d_une_page_d_eleve_est_gardee(monde: Monde) -> None:
    """Telle que la demandent un enseignant qui préside, un membre, un administrateur et l'élève."""
    annee = Petit(2026)
    for portee in (
        Portee((), (1,), (), (1,), (), 2),
        Portee((), (), (), (), (1,), 2),
        Portee((1,), (), (), (), (), None),
        Portee((), (), (1,), (), (), 2),
    ):
        suivies = annee if portee.equipes else None
        assert pages_d_eleve._lu_jadis.traduire((1, portee))
        assert pages_d_eleve._lu.traduire((1, suivies, portee))
        assert pages_d_eleve._du_compte.traduire((1, suivies, portee))
        assert pages_d_eleve._presents.traduire((1, suivies, portee))
        assert classes._suivi.traduire((1, suivies, portee))
        assert vues_d_eleve._bilans.traduire((1, annee if portee.entiers else suivies, portee))
    for preside, membre, personne in (((1,), (), None), ((), (1,), 2)):
        assert candidats._dossiers_devant.traduire((1, preside, membre, personne))
    for perimetre in (Perimetre((), (1,), 2), Perimetre((1,), (2,), 3)):
        assert pages_d_eleve._ouvertes.traduire(((1, 2), perimetre))


def test_chaque_requete_d_un_livret_est_gardee(monde: Monde) -> None:
    """Tel que le lit son équipe, puis l'élève ce jour-là."""
    jour = datetime.date(2026, 3, 12)
    for vu_le in (None, jour):
        assert livrets._demontrees.traduire(((1,), vu_le))
        assert livrets._observees.traduire(((1,), vu_le))
        assert livrets._vecues.traduire((1, vu_le))
    for une in (livrets._positionnees, livrets._remarques, livrets._traces, livrets._commentaires):
        assert une.traduire((1,))
    assert suivi._parcours.traduire((1,))
    assert suivi._epreuves.traduire((1,))
    assert suivi._du_tuteur.traduire(((1,),))
    assert suivi._dites.traduire((1, 2, datetime.date.max))
    assert pages_d_eleve._dites.traduire((1, jour))
    assert vues_d_eleve._demandes.traduire((1, jour))
    assert inscriptions._changements.traduire(((1,),))
    for une in (pfmp._sejours, pfmp._absences, pfmp._visees):
        assert une.traduire(((1,),))


def test_une_annee_et_des_cles_qui_vont_ensemble_se_gardent(monde: Monde) -> None:
    def d_une_annee(annee: Petit | None, perimetre: Perimetre) -> QuerySet[Classe, Classe]:
        siennes = Classe.objects.dans(*perimetre)
        return siennes if annee is None else siennes.filter(annee__debut__lte=annee)

    preparee = Preparee(d_une_annee)
    for _ in range(2):
        for ecole in (monde.a, monde.b):
            lieu = (ecole.etablissement.pk,)
            for perimetre in (Perimetre(lieu, (), None), Perimetre((), lieu, ecole.enseignant.pk)):
                for annee in (None, Petit(2024), Petit(2025), Petit(2030)):
                    assert preparee.traduire((annee, perimetre))
                    assert preparee(annee, perimetre) == list(d_une_annee(annee, perimetre))
                    assert bool(preparee(annee, perimetre)) is (annee != 2024)


def test_un_long_n_uplet_se_garde_sous_peu_de_formes(monde: Monde) -> None:
    preparee = Preparee(par_classe)
    un = monde.a.eleves[0].pk
    avant = len(preparees._gardees())
    for nombre in (5, 6, 7, 8, 9, 16, LONG, LONG + 1):
        assert [eleve.pk for eleve in preparee(monde.a.classe.pk, (un,) * nombre, None)] == [un]
    assert len(preparees._gardees()) == avant + 3


def toutes_les_preparees() -> Iterator[Preparee[Any]]:
    for paquet in (trpm, referentiel, livret, certification):
        for module in walk_packages(paquet.__path__, f"{paquet.__name__}."):
            if ".migrations" not in module.name and module.name != "trpm.wsgi":
                for une in vars(import_module(module.name)).values():
                    if isinstance(une, Preparee):
                        yield une


def _cle(annotation: str) -> Any:
    for ensemble in (Perimetre, Portee):
        if ensemble.__name__ in annotation:
            return ensemble(*(_cle(str(une)) for une in get_type_hints(ensemble).values()))
    seule = uuid4() if "UUID" in annotation else datetime.date(2026, 3, 12) if "date" in annotation else 1
    return (seule,) if annotation.startswith("tuple") else seule


def test_aucune_requete_gardee_ne_lit_l_horloge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elle dirait longtemps ce qui n'était vrai que le jour où on l'a traduite."""
    vues = set(toutes_les_preparees())
    assert len(vues) > 30
    for une in vues:
        cles = [_cle(str(cle.annotation)) for cle in signature(une.construire).parameters.values()]
        dites = []
        for annee in (2021, 2031):
            instant = datetime.datetime(annee, 10, 20, 12, tzinfo=datetime.UTC)
            monkeypatch.setattr(timezone, "now", lambda instant=instant: instant)
            dites.append(str(une.construire(*cles).query))
        assert dites[0] == dites[1], une.construire.__qualname__


def test_une_heure_se_traduit_pour_chaque_fuseau(monde: Monde) -> None:
    preparee = Preparee(lambda pk: Demande.objects.filter(pk__gt=pk, creee_le__date="2026-03-12"))
    dites = set()
    for fuseau in ("Europe/Paris", "Indian/Reunion"):
        with timezone.override(fuseau), CaptureQueriesContext(connection) as requetes:
            preparee(0)
        dites.add(sans_plan(requetes)[0])
    assert len(dites) == 2


def test_une_connexion_neuve_prepare_a_nouveau(transactional_db: None) -> None:
    """PostgreSQL oublie ce qu'il gardait d'une connexion fermée ; un ordre refusé ne gêne pas le suivant."""
    preparee = Preparee(par_classe)
    assert [preparee(1, None, None) for _ in range(2)] == [[], []]
    connection.close()
    assert [preparee(1, None, None) for _ in range(2)] == [[], []]
    for _ in range(2):
        with pytest.raises((DatabaseError, OverflowError)), transaction.atomic():
            preparee(10**30, None, None)
        assert preparee(1, None, None) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PREPARE")
def test_un_repartiteur_de_connexions_fait_renoncer_aux_plans_gardes(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with CaptureQueriesContext(connection) as requetes:
        Preparee(par_classe)(1, None, None)
    assert [un["sql"].split()[0] for un in requetes] == ["SELECT"]


def test_un_perimetre_n_est_jamais_celui_d_un_autre(monde: Monde) -> None:
    """Les mêmes requêtes gardées servent tour à tour à deux établissements."""
    for _ in range(2):
        for ecole, autre in ((monde.a, monde.b), (monde.b, monde.a)):
            enseignant = type(ecole.enseignant).objects.get(pk=ecole.enseignant.pk)
            perimetre = enseignant.perimetre(Action.EVALUER)
            with transaction.atomic():
                assert enregistrement._verrouillee(ecole.situation.pk, *perimetre) == [ecole.situation]
                assert enregistrement._verrouillee(autre.situation.pk, *perimetre) == []
            sans_classe = type(ecole.collegue).objects.get(pk=ecole.collegue.pk).perimetre(Action.EVALUER)
            with transaction.atomic():
                assert enregistrement._verrouillee(ecole.situation.pk, *sans_classe) == []


def test_chaque_fil_a_les_siennes(monde: Monde) -> None:
    preparee = Preparee(par_classe)
    preparee(monde.a.classe.pk, None, None)
    ici, ailleurs = vars(connection._connections["default"])["_preparees"], []

    def regarder() -> None:
        ailleurs.append(vars(connection._connections["default"]).get("_preparees"))

    fil = threading.Thread(target=regarder)
    fil.start()
    fil.join()
    assert preparee in {forme[0] for forme in ici}
    assert ailleurs == [None]


# --- Insérer --------------------------------------------------------------------------------------


def observation(monde: Monde, code: str, niveau: str, pk: int | None = None) -> Observation:
    return Observation(
        pk=pk,
        situation=monde.a.situation,
        eleve=monde.a.eleves[0],
        detaillee=Detaillee.objects.get(code=code, competence__referentiel=monde.referentiel),
        niveau=Niveau.objects.get(code=niveau),
        auteur=monde.a.enseignant,
    )


def contenu(une: Observation) -> dict[str, Any]:
    return {champ.attname: getattr(une, champ.attname) for champ in une._meta.concrete_fields}


@pytest.fixture
def table_rase(monde: Monde) -> None:
    Observation.objects.all().delete()
    Evaluation.objects.all().delete()


@pytest.mark.usefixtures("table_rase")
def test_un_objet_s_insere_comme_par_bulk_create(monde: Monde) -> None:
    codes, debut = ("C1.1", "C1.2", "C2.1"), timezone.now()
    inserees = [observation(monde, code, "2") for code in codes]
    sqls = []
    for une in inserees:
        with CaptureQueriesContext(connection) as requetes:
            inserer([une])
        (requete,) = (un for un in sans_plan(requetes) if un.startswith("INSERT"))
        sqls.append(requete.split(" VALUES ")[0])
    assert len(set(sqls)) == 1
    assert [une.pk for une in inserees] == sorted({une.pk for une in inserees})
    for une in inserees:
        relue = Observation.objects.get(pk=une.pk)
        assert contenu(relue) == contenu(une)
        assert not une._state.adding
        assert relue.modifie_le >= debut


@pytest.mark.usefixtures("table_rase")
def test_un_objet_connu_se_remplace_sans_changer_de_cle(monde: Monde) -> None:
    conflit = {
        "update_conflicts": True,
        "unique_fields": ["situation", "eleve", "detaillee"],
        "update_fields": ["niveau", "auteur", "modifie_le"],
    }
    premiere = observation(monde, "C1.1", "1")
    inserer([premiere])
    for niveau in ("2", "3", "0"):
        inserer([observation(monde, "C1.1", niveau, premiere.pk)], **conflit)
        assert [(une.pk, str(une)) for une in Observation.objects.all()] == [(premiere.pk, niveau)]


@pytest.mark.usefixtures("table_rase")
def test_la_base_refuse_toujours_un_doublon_et_une_case_vide(monde: Monde) -> None:
    for code in ("C1.1", "C1.2"):
        inserer([observation(monde, code, "1")])
    with pytest.raises(IntegrityError), transaction.atomic():
        inserer([observation(monde, "C1.2", "1")])
    vide = observation(monde, "C2.1", "1")
    vide.niveau = None
    with pytest.raises(IntegrityError), transaction.atomic():
        inserer([vide])
    assert Observation.objects.count() == 2


@pytest.mark.usefixtures("table_rase")
def test_plusieurs_objets_ou_aucun(monde: Monde) -> None:
    inserer([])
    inserer([observation(monde, code, "1") for code in ("C1.1", "C1.2")])
    assert Observation.objects.count() == 2


def test_un_identifiant_venu_de_l_appareil(monde: Monde) -> None:
    communs: dict[str, Any] = {
        "situation": monde.a.situation,
        "auteur": monde.a.enseignant,
        "case": "d1-1",
        "resultat": Operation.Resultat.ENREGISTRE,
        "recue_le": timezone.now(),
    }
    uuids: list[UUID] = [uuid4() for _ in range(3)]
    for un in uuids:
        inserer([Operation(uuid=un, chaine=un, **communs)])
    with pytest.raises(IntegrityError), transaction.atomic():
        inserer([Operation(uuid=uuids[0], chaine=uuids[0], **communs)])
    for un in uuids:
        (lue,) = enregistrement._operations((un,), (un,), monde.a.situation.pk, monde.a.enseignant.pk)
        assert (lue.pk, lue.chaine) == (un, un)


def test_l_historique_est_celui_que_simple_history_aurait_ecrit(monde: Monde) -> None:
    table, le = enregistrement.TABLES["d"], timezone.now()
    une = factories.observation(monde.a.situation, factories.eleve(monde.a.classe), "C1.1", 1)
    une.history.all().delete()
    table._tracer([une], monde.a.enseignant, le, "~")
    table._tracer([une], monde.a.enseignant, le, "~")
    Observation.history.bulk_history_create(
        [une], update=True, default_user=monde.a.enseignant, default_date=le, default_change_reason=None
    )
    lignes = [
        {champ.attname: getattr(ligne, champ.attname) for champ in ligne._meta.concrete_fields}
        for ligne in une.history.order_by("history_id")
    ]
    assert len({ligne.pop("history_id") for ligne in lignes}) == 3
    assert lignes[0] == lignes[1] == lignes[2]
