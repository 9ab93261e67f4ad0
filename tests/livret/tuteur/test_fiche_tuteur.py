"""La fiche du tuteur chez l'enseignant : donner le lien, remplir ensemble, relire, valider, imprimer."""

import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from livret.models import (
    Evaluation,
    Fiche,
    FicheTuteur,
    LienTuteur,
    Situation,
)
from livret.tuteur import validation
from tests import factories
from tests.litanie import (
    COMMISSION_QUI_SIEGE,
    EQUIPE_ET_ADMINISTRATION,
    EQUIPE_SEULE,
    connecte,
    requetes,
    statuts,
)
from tests.livret.tuteur.scene import (
    Accueil,
    accueil,
    complete,
    pfmp_de,
    stage,
    trace,
)
from tests.monde import Monde
from tests.simultane import ensemble

__all__ = ["stage"]

SMTP = "django.core.mail.backends.locmem.EmailBackend"
MUET = "django.core.mail.backends.console.EmailBackend"


def url(stage: Accueil, nom: str = "fiche-tuteur") -> str:
    return reverse(f"livret:{nom}", args=stage.args)


def en_post(droits: dict[str, int]) -> dict[str, int]:
    return {nom: 302 if code == 200 else code for nom, code in droits.items()}


def remplie(stage: Accueil, **champs: Any) -> FicheTuteur:
    assert Client().post(stage.acces.chemin, complete(stage.fiche, **champs)).status_code == 302
    return stage.relue()


def valider(monde: Monde, stage: Accueil, **champs: Any) -> HttpResponse:
    donnees = {"nature": "formative", "revision": stage.relue().revision, **champs}
    return connecte(monde.a.enseignant).post(url(stage, "fiche-tuteur-validation"), donnees, follow=True)


# --- Les droits ----------------------------------------------------------------------------------


def test_droits(monde: Monde, stage: Accueil) -> None:
    accueil(monde.b)
    lecture = {**EQUIPE_ET_ADMINISTRATION, **COMMISSION_QUI_SIEGE}
    assert statuts(monde, url(stage)) == lecture
    assert statuts(monde, url(stage, "fiche-tuteur-pdf")) == lecture
    assert statuts(monde, url(stage, "fiche-tuteur-lien"), "post") == EQUIPE_ET_ADMINISTRATION
    assert statuts(monde, url(stage, "fiche-tuteur-retrait"), "post") == en_post(EQUIPE_ET_ADMINISTRATION)
    assert statuts(monde, url(stage, "fiche-tuteur-saisie")) == EQUIPE_SEULE
    assert statuts(monde, url(stage, "fiche-tuteur-rendre"), "post") == en_post(EQUIPE_SEULE)
    assert statuts(monde, reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id])) == (
        EQUIPE_ET_ADMINISTRATION
    )


def test_un_tuteur_d_une_autre_pfmp_n_a_pas_de_fiche_ici(monde: Monde, stage: Accueil) -> None:
    autre = accueil(monde.a, 1)
    melange = reverse("livret:fiche-tuteur", args=[stage.pfmp.pk, autre.tuteur.pk])
    assert connecte(monde.a.enseignant).get(melange).status_code == 404


def test_lire_la_page_ne_cree_rien(monde: Monde) -> None:
    pfmp = pfmp_de(monde.a)
    tuteur = factories.tuteur(factories.entreprise(monde.a.etablissement))
    factories.sejour(pfmp, tuteur)
    client = connecte(monde.a.enseignant)
    for nom in ("fiche-tuteur", "fiche-tuteur-saisie", "fiche-tuteur-pdf"):
        assert client.get(reverse(f"livret:{nom}", args=[pfmp.pk, tuteur.pk])).status_code == 200
    assert FicheTuteur.objects.count() == 0


# --- Donner le lien ------------------------------------------------------------------------------


def lien(monde: Monde, stage: Accueil, **champs: str) -> HttpResponse:
    return connecte(monde.a.enseignant).post(url(stage, "fiche-tuteur-lien"), champs)


def test_un_geste_donne_un_lien_neuf_un_qr_code_et_un_code(monde: Monde, stage: Accueil) -> None:
    reponse = lien(monde, stage)
    acces = reponse.context["acces"]
    texte = reponse.content.decode()
    assert f"http://testserver{acces.chemin}" in texte
    assert acces.code in texte
    assert '<svg role="img"' in texte
    assert "style=" not in texte.split("<svg", 1)[1].split("</svg>")[0]
    assert "no-store" in reponse["Cache-Control"]
    assert Client().get(acces.chemin).status_code == 200
    assert Client().get(stage.acces.chemin).status_code == 200
    assert LienTuteur.objects.count() == 2


def test_le_courriel_part_avec_le_lien(monde: Monde, stage: Accueil, settings: Any) -> None:
    settings.EMAIL_BACKEND = SMTP
    reponse = lien(monde, stage, courriel="1")
    (courriel,) = mail.outbox
    assert courriel.to == ["tutrice@entreprise.invalid"]
    assert courriel.subject == "PFMP n° 1, C. A.\xa0: votre fiche"
    assert f"http://testserver{reponse.context['acces'].chemin}" in courriel.body
    assert "du 5 janvier au 30 janvier 2026" in courriel.body
    assert "Le lien est parti à tutrice@entreprise.invalid." in reponse.content.decode()
    assert LienTuteur.objects.first().envoye_a == "tutrice@entreprise.invalid"


def test_sans_serveur_le_texte_se_copie(monde: Monde, stage: Accueil, settings: Any) -> None:
    settings.EMAIL_BACKEND = MUET
    reponse = lien(monde, stage, courriel="1")
    texte = reponse.content.decode()
    assert "aucun serveur de courriel n’est réglé" in texte
    assert f"http://testserver{reponse.context['acces'].chemin}" in texte
    assert 'href="mailto:tutrice%40entreprise.invalid?subject=' in texte
    assert LienTuteur.objects.first().envoye_a == ""


def test_pas_de_lien_sans_competence_visee(monde: Monde, stage: Accueil) -> None:
    stage.pfmp.competences.clear()
    assert lien(monde, stage).status_code == 302
    assert LienTuteur.objects.count() == 1


def test_retirer_les_liens(monde: Monde, stage: Accueil) -> None:
    connecte(monde.a.enseignant).post(url(stage, "fiche-tuteur-retrait"))
    assert Client().get(stage.acces.chemin).status_code == 410
    assert LienTuteur.objects.get().retire_par == monde.a.enseignant


# --- Relancer toute une période ------------------------------------------------------------------


def test_relancer_les_tuteurs_coches(monde: Monde, stage: Accueil, settings: Any) -> None:
    settings.EMAIL_BACKEND = SMTP
    sans_courriel = accueil(monde.a, 1)
    sans_courriel.tuteur.courriel = ""
    sans_courriel.tuteur.save()
    client = connecte(monde.a.enseignant)
    page = reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id])
    assert [attente.cle for attente in client.get(page).context["attentes"]] == [
        f"{une.pfmp.pk}-{une.tuteur.pk}" for une in (stage, sans_courriel)
    ]
    texte = client.post(
        page, {"fiche": [f"{une.pfmp.pk}-{une.tuteur.pk}" for une in (stage, sans_courriel)]}
    ).content.decode()
    assert [courriel.to for courriel in mail.outbox] == [["tutrice@entreprise.invalid"]]
    assert "cette personne n’a pas d’adresse de courriel" in texte
    assert "Texte à copier" in texte
    assert LienTuteur.objects.count() == 4


@pytest.mark.parametrize(
    ("jour", "cochee"),
    [("2026-01-22", False), ("2026-01-23", True), ("2026-02-10", True), ("2026-02-12", False)],
)
def test_n_est_cochee_d_avance_qu_une_fiche_due(
    monde: Monde, stage: Accueil, monkeypatch: pytest.MonkeyPatch, jour: str, cochee: bool
) -> None:
    """Séjour fini le 30 janvier : due dans sa dernière semaine, plus pendant les sept jours d’une relance."""
    lien = LienTuteur.objects.get()
    lien.cree_le = timezone.now().replace(year=2026, month=2, day=11)
    if jour < "2026-02-11":
        lien.delete()
    else:
        lien.save()
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: datetime.date.fromisoformat(jour))
    page = reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id])
    texte = connecte(monde.a.enseignant).get(page).content.decode()
    assert (f'value="{stage.pfmp.pk}-{stage.tuteur.pk}" checked' in texte) is cochee


def test_on_ne_relance_pas_une_fiche_recue(monde: Monde, stage: Accueil, settings: Any) -> None:
    settings.EMAIL_BACKEND = SMTP
    remplie(stage)
    page = reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id])
    mail.outbox.clear()  # le référent vient d’être prévenu
    reponse = connecte(monde.a.enseignant).post(page, {"fiche": f"{stage.pfmp.pk}-{stage.tuteur.pk}"})
    assert "cochez au moins une personne" in reponse.content.decode()
    assert mail.outbox == []


def test_nombre_de_requetes(monde: Monde, stage: Accueil) -> None:
    client = connecte(monde.a.enseignant)
    page = reverse("livret:periode-tuteurs", args=[stage.pfmp.periode_id])
    assert requetes(lambda: client.get(page)) == 13
    for rang in range(2):
        eleve = factories.eleve(monde.a.classe)
        pfmp = factories.pfmp(stage.pfmp.periode, eleve)
        factories.sejour(pfmp, factories.tuteur(stage.tuteur.entreprise, f"Tuteur {rang}"))
    assert requetes(lambda: client.get(page)) == 13
    assert requetes(lambda: client.get(url(stage))) == 16


def test_le_tableau_des_pfmp_dit_combien_attendent(monde: Monde, stage: Accueil) -> None:
    client = connecte(monde.a.enseignant)
    page = reverse("livret:classe-pfmp", args=[monde.a.classe.pk])
    assert "à valider" not in client.get(page).content.decode()
    remplie(stage)
    assert "Fiches des tuteurs (1 à valider)" in client.get(page).content.decode()
    valider(monde, stage)
    assert "à valider" not in client.get(page).content.decode()


# --- Remplir ensemble, ou d'après le papier --------------------------------------------------------


def saisir(monde: Monde, stage: Accueil, **champs: Any) -> HttpResponse:
    donnees = complete(stage.relue(), **{"canal": "visite", "date": "2026-01-28", **champs})
    return connecte(monde.a.enseignant).post(url(stage, "fiche-tuteur-saisie"), donnees)


def photo(taille: tuple[int, int] = (800, 600)) -> SimpleUploadedFile:
    sortie = BytesIO()
    image = Image.new("RGB", taille, "white")
    image.save(sortie, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00lieu")
    return SimpleUploadedFile("Fiche signée.jpg", sortie.getvalue(), "image/jpeg")


def test_la_saisie_ensemble_se_signe_sur_place(monde: Monde, stage: Accueil) -> None:
    assert saisir(monde, stage, signature=trace(), je_signe="").status_code == 302
    fiche = stage.relue()
    assert (fiche.etat, fiche.canal, fiche.signature_mode) == ("envoyee", "visite", "trace")
    assert (fiche.saisie_par, fiche.signee_le) == (monde.a.enseignant, datetime.date(2026, 1, 28))


def test_le_papier_revenu_se_recopie_avec_sa_photo(monde: Monde, stage: Accueil) -> None:
    reponse = saisir(monde, stage, canal="papier", je_signe="", scan=photo())
    assert reponse.status_code == 302
    fiche = stage.relue()
    assert (fiche.canal, fiche.signature_mode, fiche.scan_type) == ("papier", "papier", "image/jpeg")
    recu = connecte(monde.a.enseignant).get(url(stage, "fiche-tuteur-scan"))
    assert recu["Content-Type"] == "image/jpeg"
    assert "attachment" in recu["Content-Disposition"]
    assert b"Exif" not in recu.content
    assert connecte(monde.b.enseignant).get(url(stage, "fiche-tuteur-scan")).status_code == 404
    assert connecte(monde.a.compte_eleve).get(url(stage, "fiche-tuteur-scan")).status_code == 403


@pytest.mark.parametrize(
    ("nom", "contenu", "faute"),
    [
        ("page.html", b"<script>", "n’est pas accepté"),
        ("photo.jpg", b"\xff\xd8\xff\xe0rien", "abîmée"),
        ("tableau.gif", b"GIF89a...", "abîmée"),
    ],
)
def test_un_autre_fichier_est_refuse(
    monde: Monde, stage: Accueil, nom: str, contenu: bytes, faute: str
) -> None:
    reponse = saisir(monde, stage, scan=SimpleUploadedFile(nom, contenu))
    assert reponse.status_code == 422
    assert faute in reponse.content.decode()
    assert stage.relue().scan_nom == ""


def test_une_date_a_venir_est_refusee(monde: Monde, stage: Accueil) -> None:
    demain = timezone.localdate() + datetime.timedelta(days=1)
    assert "n’est pas encore venue" in saisir(monde, stage, date=demain.isoformat()).content.decode()


# --- Relire et valider ---------------------------------------------------------------------------


def test_valider_en_fait_une_situation_en_entreprise(monde: Monde, stage: Accueil) -> None:
    tache = stage.pfmp.taches.first()
    remplie(stage, taches=[tache.pk])
    saisie = stage.relue()
    FicheTuteur.objects.filter(pk=saisie.pk).update(signee_le=datetime.date(2026, 1, 29))
    texte = valider(monde, stage).content.decode()
    assert "La fiche est validée" in texte
    situation = Situation.objects.get(lieu=Situation.Lieu.ENTREPRISE)
    assert (situation.intitule, situation.nature, situation.etat) == (
        "PFMP n° 1, Usinage des Essais",
        "formative",
        "ouverte",
    )
    assert (situation.entreprise, situation.tuteur) == ("Usinage des Essais", "Maryse Tutrice 1")
    assert (situation.debut, situation.fin, situation.semestre) == (
        datetime.date(2026, 1, 5),
        datetime.date(2026, 1, 29),
        5,
    )
    assert (situation.auteur, situation.description) == (monde.a.enseignant, "Contrôle de brides au poste 3.")
    assert list(situation.taches.all()) == [tache]
    eleve = monde.a.eleves[0]
    assert {
        (une.competence.code, str(une), une.eleve, une.auteur)
        for une in situation.evaluations.select_related("niveau")
    } == {
        ("C1", "2", eleve, monde.a.enseignant),
        ("C2", "3", eleve, monde.a.enseignant),
        ("C5", "NE", eleve, monde.a.enseignant),
    }
    assert Fiche.objects.get(situation=situation).commentaire == (
        "Maryse Tutrice 1, Usinage des Essais : Ponctuel, soigneux."
    )
    fiche = stage.relue()
    assert (fiche.etat, fiche.validee_par, fiche.situation) == ("validee", monde.a.enseignant, situation)
    assert fiche.history.first().history_user == monde.a.enseignant
    assert not situation.est_retenue(2026)
    assert "validée</span>" in texte


def test_jamais_certificative_par_accident(monde: Monde, stage: Accueil) -> None:
    remplie(stage)
    page = connecte(monde.a.enseignant).get(url(stage))
    assert page.context["form"]["nature"].value() == "formative"
    reponse = valider(monde, stage, nature="certificative")
    assert reponse.status_code == 422
    assert "se confirme en cochant cette case" in reponse.content.decode()
    assert valider(monde, stage, nature="").status_code == 422
    assert Situation.objects.filter(lieu="entreprise").count() == 0
    FicheTuteur.objects.update(signee_le=datetime.date(2026, 1, 30))
    valider(monde, stage, nature="certificative", confirmation="on", publier="on")
    situation = Situation.objects.get(lieu="entreprise")
    assert (situation.nature, situation.etat) == ("certificative", "publiee")
    assert situation.est_retenue(2026)


def test_une_seule_fois_et_jamais_d_ecrasement(monde: Monde, stage: Accueil) -> None:
    remplie(stage)
    valider(monde, stage)
    avant = list(Evaluation.objects.values_list())
    texte = valider(monde, stage).content.decode()
    assert "Cette fiche est déjà validée, par Enseignant-A Personne-A le" in texte
    assert "elle ne change plus" in texte
    client = connecte(monde.a.enseignant)
    assert (
        "elle ne se rend plus" in client.post(url(stage, "fiche-tuteur-rendre"), follow=True).content.decode()
    )
    assert client.get(url(stage, "fiche-tuteur-saisie")).status_code == 302
    assert saisir(monde, stage).status_code == 302
    reponse = Client().post(stage.acces.chemin, complete(stage.relue(), activites="Autre"))
    assert (reponse.status_code, "elle ne se modifie plus" in reponse.content.decode()) == (409, True)
    assert list(Evaluation.objects.values_list()) == avant
    assert Situation.objects.filter(lieu="entreprise").count() == 1


def test_la_situation_d_une_fiche_ne_se_supprime_pas(monde: Monde, stage: Accueil) -> None:
    remplie(stage)
    valider(monde, stage)
    situation = Situation.objects.get(lieu="entreprise")
    situation.evaluations.all().delete()
    situation.fiches.all().delete()
    situation.passer(Situation.Etat.BROUILLON, timezone.now())
    reponse = connecte(monde.a.enseignant).post(reverse("livret:situation-delete", args=[situation.pk]))
    assert reponse.status_code == 409
    assert "une fiche validée venue de l’entreprise" in reponse.content.decode()


def test_on_ne_valide_que_ce_qu_on_a_relu(monde: Monde, stage: Accueil) -> None:
    relue = remplie(stage).revision
    client = connecte(monde.a.enseignant)
    client.post(url(stage, "fiche-tuteur-rendre"))
    assert stage.relue().etat == "brouillon"
    assert "rien à valider" in valider(monde, stage).content.decode()
    remplie(stage, activites="Complétée", revision=stage.relue().revision)
    assert "La fiche a changé" in valider(monde, stage, revision=relue).content.decode()
    assert Situation.objects.filter(lieu="entreprise").count() == 0


def test_rendre_garde_les_reponses_et_redemande_la_signature(monde: Monde, stage: Accueil) -> None:
    remplie(stage, signature=trace())
    connecte(monde.a.enseignant).post(url(stage, "fiche-tuteur-rendre"))
    fiche = stage.relue()
    assert (fiche.etat, fiche.signature, fiche.avis.count()) == ("brouillon", None, 3)
    assert "Ponctuel, soigneux." in Client().get(stage.acces.chemin).content.decode()
    assert fiche.history.filter(etat="envoyee").count() == 1


def test_une_autre_signature_que_celle_du_tuteur_se_voit(monde: Monde, stage: Accueil) -> None:
    remplie(stage, signataire="Jean Remplaçant")
    assert "Ce n’est pas le tuteur au carnet" in connecte(monde.a.enseignant).get(url(stage)).content.decode()
    valider(monde, stage)
    assert Situation.objects.get(lieu="entreprise").tuteur == "Jean Remplaçant"


def test_la_base_refuse_une_fiche_validee_sans_situation(monde: Monde, stage: Accueil) -> None:
    remplie(stage)
    for champs in (
        {"etat": "validee"},
        {"etat": "brouillon"},
        {"signature_mode": "trace"},
        {"signataire": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            FicheTuteur.objects.filter(pk=stage.fiche.pk).update(**champs)


@pytest.mark.django_db(transaction=True)
def test_des_validations_au_meme_instant_n_en_font_qu_une(monde: Monde, stage: Accueil) -> None:
    revision = remplie(stage).revision

    def valide() -> object:
        return validation.valider(
            stage.relue(),
            monde.a.enseignant,
            "formative",
            publier=False,
            revision=revision,
            le=timezone.now(),
        )

    resultats = ensemble(*[valide] * 4)
    assert sorted(type(un).__name__ for un in resultats) == ["Situation", *["ValidationError"] * 3]
    assert Situation.objects.filter(lieu="entreprise").count() == 1
    assert Evaluation.objects.filter(situation__lieu="entreprise").count() == 3


# --- Le papier -----------------------------------------------------------------------------------


def pdf(monde: Monde, stage: Accueil) -> list[str]:
    reponse = connecte(monde.a.enseignant).get(url(stage, "fiche-tuteur-pdf"))
    return [page.extract_text() for page in PdfReader(BytesIO(reponse.content)).pages]


def test_la_fiche_imprimee_vierge_puis_signee(monde: Monde, stage: Accueil) -> None:
    (vierge,) = pdf(monde, stage)
    for attendu in ("Camille ALPHA-A1", "Lire un plan", "Pas encore", "niveau 2, Partiellement maîtrisé"):
        assert attendu in " ".join(vierge.split())
    assert "×" not in vierge
    remplie(stage, signature=trace())
    (signee,) = pdf(monde, stage)
    assert signee.count("×") == 3
    assert "Contrôle de brides au poste 3." in signee


def test_le_qr_code_du_papier_mene_a_la_saisie_apres_connexion(monde: Monde, stage: Accueil) -> None:
    saisie = url(stage, "fiche-tuteur-saisie")
    assert Client().get(saisie).url == f"/connexion/?next={saisie}"
    assert connecte(monde.a.collegue).get(saisie).status_code == 404
    assert connecte(monde.a.enseignant).get(saisie).status_code == 200
