"""Ce que la nuit efface et rend anonyme ; ce qu'elle ne touche jamais."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certification.models import Decision, Dossier, VersionFigee
from livret.models import (
    Appartenance,
    Bilan,
    Eleve,
    EssaiDeCode,
    Evaluation,
    Operation,
    Scolarite,
    Situation,
    Trace,
    Tuteur,
    Utilisateur,
)
from tests.conservation.vie import vie_entiere
from tests.monde import Monde
from trpm.conservation.echeances import TUTEUR_ANONYME, echeances
from trpm.conservation.effacement import appliquer_durees, effacer_eleves
from trpm.conservation.lignes import de_l_eleve, modeles_regles
from trpm.impression import memoire
from trpm.models import DureeReglee, EnvoiRecu

PARIS = ZoneInfo("Europe/Paris")
TERME = datetime.datetime(2031, 7, 31, 3, tzinfo=PARIS)  # cinq ans après l'année scolaire 2025-2026
VEILLE = TERME - datetime.timedelta(days=1)


def lignes_de(eleve: int) -> dict[str, int]:
    return {
        un.modele._meta.label: nombre
        for un in modeles_regles()
        if (lignes := de_l_eleve(un.modele, [eleve])) is not None and (nombre := lignes.count())
    }


def test_avant_le_terme_rien_ne_part(monde: Monde) -> None:
    vie_entiere(monde.a)
    avant = lignes_de(monde.a.eleves[0].pk)
    assert appliquer_durees(VEILLE)["élèves effacés"] == 0
    apres = lignes_de(monde.a.eleves[0].pk)
    echus = {"certification.Extraction", "certification.Tirage", "livret.Operation"}
    assert {nom: nombre for nom, nombre in avant.items() if nom not in echus} == apres


def test_un_eleve_sans_archive_part_en_entier(monde: Monde, django_capture_on_commit_callbacks) -> None:
    """Historique, fichiers, bilan validé compris ; l'autre élève n'y perd rien."""
    vie_entiere(monde.a, figee=False)
    premier, second = monde.a.eleves
    fichier = Trace.objects.exclude(fichier="").get(eleve=premier).fichier.name
    reste = lignes_de(second.pk)
    with django_capture_on_commit_callbacks(execute=True):
        effacer_eleves([premier.pk])
    assert set(lignes_de(premier.pk)) <= {"certification.Extraction", "trpm.ActeNote"}
    assert lignes_de(second.pk) == reste
    assert not default_storage.exists(fichier)
    compte = Utilisateur.objects.get(pk=monde.a.compte_eleve.pk)
    assert (compte.username, compte.is_active) == (f"anonyme-{compte.pk}", False)
    assert Situation.objects.filter(pk=monde.a.situation.pk).exists()


def test_un_document_garde_en_memoire_part_avec_l_eleve(monde: Monde) -> None:
    memoire.garder(b"cle", b"son livret")
    effacer_eleves([monde.a.eleves[0].pk])
    assert memoire.lire(b"cle") is None


def test_un_dossier_fige_reste_avec_ce_qu_il_cite(monde: Monde) -> None:
    """Q35 : rien d'une archive ne s'efface tout seul, et l'élève y reste nommé."""
    vie_entiere(monde.a)
    premier = monde.a.eleves[0]
    version = VersionFigee.objects.get(dossier__eleve=premier)
    effacer_eleves([premier.pk])
    assert VersionFigee.objects.get(pk=version.pk).contenu == version.contenu
    garde = lignes_de(premier.pk)
    archive = {
        *("certification.Dossier", "certification.HistoricalDossier", "certification.Decision"),
        *("certification.HistoricalDecision", "certification.VersionFigee", "certification.TraceCitee"),
        *("certification.Verification", "certification.Tirage", "certification.Extraction"),
        *("livret.Eleve", "livret.Trace", "trpm.ActeNote"),
    }
    assert set(garde) - archive == set()
    assert Trace.objects.get(eleve=premier).citations.count() == 1
    assert Eleve.objects.get(pk=premier.pk).nom == premier.nom
    restes = echeances(monde.a.etablissement, TERME.date()).toutes
    assert not [une for une in restes if (une.genre, une.pk) == ("livret", premier.pk)]


def test_les_gardes_de_la_base_tiennent_encore_apres(monde: Monde) -> None:
    vie_entiere(monde.a)
    effacer_eleves([monde.a.eleves[0].pk])
    bilan = Bilan.objects.get(eleve=monde.a.eleves[1])
    with pytest.raises(IntegrityError, match="validé"), transaction.atomic():
        Bilan.objects.filter(pk=bilan.pk)._raw_delete("default")
    with pytest.raises(IntegrityError, match="figée"), transaction.atomic():
        VersionFigee.objects.all()._raw_delete("default")


def test_hors_de_la_regle_ce_qui_porte_des_niveaux_ne_s_ote_pas(monde: Monde) -> None:
    """Q38."""
    for objet in (monde.a.eleves[0], monde.a.situation):
        with pytest.raises((ProtectedError, ValidationError)), transaction.atomic():
            objet.delete()
    assert Evaluation.objects.filter(eleve=monde.a.eleves[0]).count() == 2


def test_une_nuit_interrompue_laisse_chacun_entier_ou_efface(
    monde: Monde, monkeypatch: pytest.MonkeyPatch
) -> None:
    vie_entiere(monde.a, figee=False)
    avant = lignes_de(monde.a.eleves[0].pk)

    def panne(cle: int) -> None:
        raise OSError(cle)

    monkeypatch.setattr("trpm.conservation.effacement.anonymiser_compte", panne)
    with pytest.raises(OSError, match=str(monde.a.compte_eleve.pk)):
        effacer_eleves([monde.a.eleves[0].pk])
    assert lignes_de(monde.a.eleves[0].pk) == avant
    connection.check_constraints()


def test_cinq_ans_apres_la_nuit_efface_tout_le_monde_et_recommence_sans_rien_faire(monde: Monde) -> None:
    vie_entiere(monde.a, figee=False)
    partis = appliquer_durees(TERME)
    assert partis["élèves effacés"] == 4
    assert partis["tuteurs anonymisés"] == 1
    assert not Eleve.objects.exists()
    assert not Scolarite.objects.exists()
    assert not Dossier.objects.exists()
    assert not Decision.objects.exists()
    assert not appliquer_durees(TERME)


def test_un_etablissement_regle_ses_annees(client: Client, monde: Monde) -> None:
    client.force_login(monde.a.administrateur)
    page = reverse("conservation", args=[monde.a.etablissement.pk])
    refus = client.post(page, {"livret": "0", "archive": "10"})
    assert "supérieure ou égale à 1" in refus.content.decode()
    assert not DureeReglee.objects.exists()
    client.post(page, {"livret": "2", "archive": "10"})
    jour = datetime.date(2028, 7, 31)
    assert len(echeances(monde.a.etablissement, jour).echues) == 2
    assert len(echeances(monde.a.etablissement, jour - datetime.timedelta(days=1)).echues) == 0
    assert len(echeances(monde.b.etablissement, jour).echues) == 0


def test_un_eleve_encore_en_classe_n_est_pas_atteint(monde: Monde) -> None:
    """Le départ est le dernier jour de sa dernière classe, ou sa sortie."""
    premier, second = monde.a.eleves
    Scolarite.objects.filter(eleve=premier).update(sortie="2025-10-01")
    dates = {une.pk: une.le for une in echeances(monde.a.etablissement, TERME.date()).toutes}
    assert dates[premier.pk] == datetime.date(2030, 10, 1)
    assert dates[second.pk] == datetime.date(2031, 7, 31)


def test_un_compte_ferme_devient_anonyme_un_an_apres(monde: Monde) -> None:
    enseignant = monde.a.enseignant
    Utilisateur.objects.filter(pk=enseignant.pk).update(
        is_active=False, last_login=datetime.datetime(2026, 1, 10, 12, tzinfo=PARIS)
    )
    appliquer_durees(datetime.datetime(2027, 1, 9, 3, tzinfo=PARIS))
    assert Utilisateur.objects.get(pk=enseignant.pk).last_name == enseignant.last_name
    appliquer_durees(datetime.datetime(2027, 1, 10, 3, tzinfo=PARIS))
    anonyme = Utilisateur.objects.get(pk=enseignant.pk)
    assert anonyme.nom_complet == f"Compte anonymisé n° {enseignant.pk}"
    assert (anonyme.email, anonyme.has_usable_password()) == ("", False)
    assert not Appartenance.objects.filter(utilisateur=enseignant).exists()
    assert not Appartenance.history.filter(utilisateur=enseignant).exists()
    assert Evaluation.objects.filter(auteur=enseignant).count() == 4


def test_un_compte_en_service_reste(monde: Monde) -> None:
    appliquer_durees(datetime.datetime(2029, 1, 10, 3, tzinfo=PARIS))
    assert not Utilisateur.objects.filter(username__startswith="anonyme-").exists()


def test_un_tuteur_devient_anonyme_historique_compris(monde: Monde) -> None:
    ici = vie_entiere(monde.a)
    appliquer_durees(datetime.datetime(2031, 3, 1, 3, tzinfo=PARIS))
    tuteur = Tuteur.objects.get(pk=ici.tuteur.pk)
    assert (tuteur.nom, tuteur.fonction, tuteur.courriel, tuteur.telephone) == (TUTEUR_ANONYME, "", "", "")
    assert set(Tuteur.history.filter(id=tuteur.pk).values_list("nom", flat=True)) == {TUTEUR_ANONYME}


def test_les_traces_de_passage_ne_durent_qu_une_semaine(monde: Monde) -> None:
    maintenant = timezone.now()
    for jours in (6, 8):
        le = maintenant - datetime.timedelta(days=jours)
        EssaiDeCode.objects.create(adresse="a" * 64, le=le)
        EnvoiRecu.objects.create(cle=f"{jours}", empreinte="", recu_le=le)
    vie_entiere(monde.a)
    appliquer_durees(maintenant)
    assert EssaiDeCode.objects.count() == EnvoiRecu.objects.count() == 1
    assert Operation.objects.count() == 2


def test_la_commande_dit_ce_qui_partirait_puis_le_fait(
    monde: Monde, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: TERME)
    call_command("appliquer_durees", "--essai")
    dit = capsys.readouterr().out
    assert f"livret n° {monde.a.eleves[0].pk}, élève et livret effacés" in dit
    assert monde.a.eleves[0].nom not in dit
    assert Eleve.objects.count() == 4
    call_command("appliquer_durees")
    assert "Élèves effacés\xa0: 4." in capsys.readouterr().out
    call_command("appliquer_durees")
    assert "Rien n’a dépassé" in capsys.readouterr().out


def test_la_page_annonce_ce_qui_part_et_rappelle_les_archives(
    client: Client, monde: Monde, monkeypatch
) -> None:
    vie_entiere(monde.a)
    monkeypatch.setattr("django.utils.timezone.now", lambda: VEILLE)
    client.force_login(monde.a.administrateur)
    page = client.get(reverse("conservation", args=[monde.a.etablissement.pk])).content.decode()
    assert "livret effacé, archive gardée" in page
    assert f'<th scope="row">{monde.a.eleves[1]}</th>' in page
    assert "Session 2026\xa0: 1 dossier figé, à revoir depuis le 31 juillet 2031" in page.replace(
        "&nbsp;", "\xa0"
    )


@pytest.mark.parametrize("nombre", [2, 4])
def test_la_page_coute_toujours_autant(
    client: Client, monde: Monde, nombre: int, django_assert_num_queries
) -> None:
    for _ in range(nombre - 2):
        eleve = Eleve.objects.get(pk=monde.a.eleves[1].pk)
        eleve.pk, eleve.ine = None, None
        eleve.save()
        Scolarite.objects.create(eleve=eleve, classe=monde.a.classe)
    client.force_login(monde.a.administrateur)
    with django_assert_num_queries(13):
        client.get(reverse("conservation", args=[monde.a.etablissement.pk]))
