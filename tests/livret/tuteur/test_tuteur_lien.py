"""Le lien du tuteur : il ouvre une fiche, et rien d'autre ; l'ouvrir ne fait rien."""

import datetime
import re
from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw
from pypdf import PdfReader

from livret.models import (
    AvisTuteur,
    EssaiDeCode,
    Evaluation,
    LienTuteur,
    Pfmp,
)
from livret.tuteur.jetons import ALPHABET, code_lu, code_neuf
from livret.tuteur.models.lien import ESSAIS_EN_TOUT, ESSAIS_PAR_ADRESSE
from livret.tuteur.signature import PREFIXE, signature_propre
from tests import factories
from tests.litanie import requetes
from tests.livret.tuteur.scene import (
    Accueil,
    accueil,
    complete,
    reponses,
    stage,
    trace,
)
from tests.monde import INTRUS, Monde
from trpm.base.jetons import concorde, empreinte, jeton_neuf
from trpm.fichiers import FichierRefuse

__all__ = ["stage"]

SMTP = "django.core.mail.backends.locmem.EmailBackend"
SECRET = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def ouvrir(stage: Accueil) -> HttpResponse:
    return Client().get(stage.acces.chemin)


def tout() -> dict[str, list[Any]]:
    """Tout ce que la base contient, ligne à ligne, sessions comprises."""
    return {
        modele._meta.label: list(modele._base_manager.order_by("pk").values_list())
        for modele in apps.get_models()
    }


# --- Le secret -----------------------------------------------------------------------------------


def test_le_jeton_et_le_code_sont_tires_au_hasard_et_gardes_condenses(stage: Accueil) -> None:
    lien, jeton, code = stage.acces.lien, stage.acces.jeton, stage.acces.code
    assert len(jeton) == 43
    assert len({jeton_neuf() for _ in range(100)} | {code_neuf() for _ in range(100)}) == 200
    garde = str(LienTuteur.objects.filter(pk=lien.pk).values())
    assert jeton not in garde
    assert code_lu(code) not in garde
    assert (len(lien.empreinte), len(lien.code_empreinte)) == (64, 64)


@pytest.mark.parametrize(
    ("tape", "lu"),
    [
        ("ABCD-2345", "ABCD2345"),
        (" abcd 2345 ", "ABCD2345"),
        ("ab.cd–23-45", "ABCD2345"),
        ("ABCD-234", ""),
        ("ABCD-23456", ""),
        ("ABCD-234O", ""),
        ("", ""),
    ],
)
def test_un_code_se_tape_comme_on_l_entend(tape: str, lu: str) -> None:
    assert code_lu(tape) == lu


def test_l_empreinte_depend_de_la_cle_du_site() -> None:
    assert len(ALPHABET) == 30
    assert empreinte("secret", "une clé") != empreinte("secret", "une autre")
    assert concorde("secret", "une clé", empreinte("secret", "une clé"))
    assert not concorde("Secret", "une clé", empreinte("secret", "une clé"))


# --- Ce que le lien ouvre ------------------------------------------------------------------------


def test_la_page_ne_montre_que_l_eleve_la_periode_l_entreprise_et_ce_qui_est_vise(
    monde: Monde, stage: Accueil
) -> None:
    stage.pfmp.activites = "Note interne de l’équipe"
    stage.pfmp.save()
    reponse = ouvrir(stage)
    texte = reponse.content.decode()
    assert reponse.status_code == 200
    for attendu in ("Camille ALPHA-A1", "PFMP n° 1", "Usinage des Essais", "du 5 janvier au 30 janvier 2026"):
        assert attendu in texte
    assert [question.competence.code for question in reponse.context["form"].questions] == ["C1", "C2", "C5"]
    eleve = stage.pfmp.eleve
    for tu in (
        str(eleve.ine),
        str(eleve.naissance.year),
        "Dominique",
        "Note interne",
        stage.tuteur.courriel,
        monde.a.classe.nom,
        monde.a.situation.intitule,
        "Régler une machine",
        INTRUS,
    ):
        assert tu not in texte


def test_l_adresse_reste_secrete(stage: Accueil, caplog: pytest.LogCaptureFixture) -> None:
    """Ni cache, ni provenance, ni index, ni témoin, ni journal."""
    incomplete = Client().post(stage.acces.chemin, complete(stage.fiche, je_signe=""))
    inconnue = Client().get(reverse("livret:tuteur-fiche", args=[stage.acces.lien.pk, "x"]))
    for reponse, statut in ((ouvrir(stage), 200), (incomplete, 422), (inconnue, 404)):
        assert reponse.status_code == statut
        assert {nom: reponse.headers.get(nom) for nom in SECRET} == SECRET
        assert not reponse.cookies
    assert stage.acces.jeton not in caplog.text


def test_ouvrir_n_ecrit_rien_et_ne_consomme_rien(stage: Accueil) -> None:
    avant = tout()
    for methode in ("get", "head", "get", "options"):
        for _ in range(3):
            getattr(Client(), methode)(stage.acces.chemin)
    assert tout() == avant
    assert ouvrir(stage).status_code == 200


def test_les_mots_disent_a_quel_niveau_ils_correspondent(stage: Accueil) -> None:
    form = ouvrir(stage).context["form"]
    assert [(une.mot, une.niveau and une.niveau.libelle) for une in form.reponses] == [
        ("Pas encore", "Non maîtrisé"),
        ("À revoir", "Insuffisamment maîtrisé"),
        ("Correct", "Partiellement maîtrisé"),
        ("Bon", "Bien maîtrisé"),
        ("Pas vu", None),
    ]


def test_nombre_de_requetes(stage: Accueil) -> None:
    """Une page publique : ni session ni compte n'y sont lus."""
    client = Client()
    assert requetes(lambda: client.get(stage.acces.chemin)) == 10


# --- Ce que le lien n'ouvre pas ------------------------------------------------------------------


def test_un_lien_n_ouvre_pas_la_fiche_d_un_autre(monde: Monde, stage: Accueil) -> None:
    autre, ailleurs = accueil(monde.a, 1), accueil(monde.b)
    for cible in (autre, ailleurs):
        chemin = reverse("livret:tuteur-fiche", args=[cible.acces.lien.pk, stage.acces.jeton])
        for reponse in (Client().get(chemin), Client().post(chemin, complete(cible.fiche))):
            assert reponse.status_code == 404
            assert "Dominique" not in reponse.content.decode()
            assert INTRUS not in reponse.content.decode()
        assert cible.relue().revision == 0


@pytest.mark.parametrize(
    "alteration", [lambda j: j[:-1], lambda j: j + "A", lambda j: j.swapcase(), lambda j: "A" * 43]
)
def test_un_lien_altere_n_ouvre_rien_et_dit_quoi_faire(stage: Accueil, alteration: Any) -> None:
    chemin = reverse("livret:tuteur-fiche", args=[stage.acces.lien.pk, alteration(stage.acces.jeton)])
    reponse = Client().get(chemin)
    assert reponse.status_code == 404
    assert "Que faire" in reponse.content.decode()
    assert "ALPHA" not in reponse.content.decode()


def test_un_lien_expire_dit_quoi_faire_et_se_remplace(monde: Monde) -> None:
    ancien = accueil(monde.a, le=timezone.now() - datetime.timedelta(days=14, minutes=1))
    reponse = ouvrir(ancien)
    texte = reponse.content.decode()
    assert reponse.status_code == 410
    assert "Ce lien était valable jusqu’au" in texte
    assert "un lien neuf se fait en un instant" in texte
    assert "ALPHA" not in texte
    assert Client().post(ancien.acces.chemin, complete(ancien.fiche)).status_code == 410
    assert ancien.relue().revision == 0
    neuf = LienTuteur.creer(ancien.fiche, monde.a.enseignant, timezone.now())
    assert Client().get(neuf.chemin).status_code == 200


def test_des_liens_retires_n_ouvrent_plus_rien(monde: Monde, stage: Accueil) -> None:
    second = LienTuteur.creer(stage.fiche, monde.a.enseignant, timezone.now())
    assert stage.fiche.retirer_les_liens(monde.a.enseignant, timezone.now()) == 2
    for acces in (stage.acces, second):
        reponse = Client().get(acces.chemin)
        assert reponse.status_code == 410
        assert "Ce lien a été retiré par le lycée." in reponse.content.decode()
    assert Client().post(reverse("livret:tuteur-code"), {"code": second.code}).status_code == 422


@pytest.mark.parametrize("etat", [Pfmp.Etat.CLOSE, Pfmp.Etat.ANNULEE])
def test_une_periode_fermee_ferme_ses_liens(stage: Accueil, etat: str) -> None:
    stage.pfmp.passer(etat)
    assert ouvrir(stage).status_code == 410


def test_changer_de_tuteur_ferme_le_lien_de_l_ancien(monde: Monde, stage: Accueil) -> None:
    sejour = stage.pfmp.sejours.get()
    sejour.tuteur = factories.tuteur(stage.tuteur.entreprise, "Un autre")
    sejour.save()
    reponse = ouvrir(stage)
    assert reponse.status_code == 410
    assert "n’est plus le tuteur de cette période" in reponse.content.decode()
    sejour.delete()
    assert ouvrir(stage).status_code == 410


# --- Le code lu à voix haute ----------------------------------------------------------------------


def taper(code: str, adresse: str = "192.0.2.1") -> HttpResponse:
    return Client(REMOTE_ADDR=adresse).post(reverse("livret:tuteur-code"), {"code": code})


def test_le_code_ouvre_la_fiche_plusieurs_fois_avec_l_echeance_du_lien(stage: Accueil) -> None:
    for _ in range(2):
        reponse = taper(stage.acces.code.lower().replace("-", " "))
        assert reponse.status_code == 302
        assert "Camille ALPHA-A1" in Client().get(reponse.url).content.decode()
    assert set(LienTuteur.objects.values_list("expire_le", flat=True)) == {stage.acces.lien.expire_le}
    assert EssaiDeCode.objects.count() == 0


def test_un_code_perime_n_ouvre_plus(monde: Monde) -> None:
    hier = accueil(monde.a, le=timezone.now() - datetime.timedelta(hours=24, minutes=1))
    assert Client().get(hier.acces.chemin).status_code == 200
    assert taper(hier.acces.code).status_code == 422


def test_trop_d_essais_epuisent_le_code_meme_juste(stage: Accueil) -> None:
    statuts = [taper("AAAA-AAAA").status_code for _ in range(ESSAIS_PAR_ADRESSE)]
    assert statuts == [422] * 10
    for code in ("AAAA-AAAA", stage.acces.code):
        reponse = taper(code)
        assert reponse.status_code == 429
        assert "attendez un quart d’heure" in reponse.content.decode()
    assert EssaiDeCode.objects.count() == 10
    assert taper(stage.acces.code, "192.0.2.2").status_code == 302
    EssaiDeCode.objects.update(le=timezone.now() - datetime.timedelta(minutes=16))
    assert taper(stage.acces.code).status_code == 302


def test_les_essais_se_comptent_aussi_toutes_adresses_confondues(stage: Accueil) -> None:
    EssaiDeCode.objects.bulk_create(
        EssaiDeCode(adresse=str(rang), le=timezone.now()) for rang in range(ESSAIS_EN_TOUT)
    )
    assert taper(stage.acces.code).status_code == 429


def test_une_adresse_n_est_gardee_que_condensee_et_un_jour(stage: Accueil) -> None:
    EssaiDeCode.objects.create(adresse="x", le=timezone.now() - datetime.timedelta(hours=25))
    taper("AAAA-AAAA")
    assert "192.0.2.1" not in EssaiDeCode.objects.get().adresse


# --- Remplir -------------------------------------------------------------------------------------


def poster(stage: Accueil, donnees: dict[str, Any], **entetes: str) -> HttpResponse:
    return Client(enforce_csrf_checks=True).post(stage.acces.chemin, donnees, headers=entetes)


def test_remplir_et_signer(stage: Accueil) -> None:
    tache = stage.pfmp.taches.first()
    donnees = complete(stage.fiche, signature=trace(), je_signe="", taches=[tache.pk])
    reponse = poster(stage, donnees, origin="null")
    assert (reponse.status_code, reponse.url) == (302, stage.acces.chemin)
    fiche = stage.relue()
    assert (fiche.etat, fiche.canal, fiche.signature_mode) == ("envoyee", "lien", "trace")
    assert (fiche.signataire, fiche.signee_le) == ("Maryse Tutrice 1", timezone.localdate())
    assert bytes(fiche.signature).startswith(b"\x89PNG")
    assert list(fiche.taches.all()) == [tache]
    assert [(un.competence.code, str(un)) for un in fiche.avis.all()] == [
        ("C1", "2"),
        ("C2", "3"),
        ("C5", "pas vu"),
    ]
    assert "Merci, votre fiche est reçue" in ouvrir(stage).content.decode()


def test_ce_qui_est_signe_se_relit_et_s_imprime_tant_que_le_lien_vit(monde: Monde, stage: Accueil) -> None:
    pdf = f"{stage.acces.chemin}fiche.pdf"
    assert Client().get(pdf).status_code == 404
    poster(stage, complete(stage.fiche, signature=trace(), je_signe=""))
    page = ouvrir(stage).content.decode()
    for dit in ("Contrôle de brides au poste 3.", "Ponctuel, soigneux.", "Signature tracée par", pdf):
        assert dit in page
    imprime = Client().get(pdf)
    assert (imprime.status_code, imprime["Content-Type"]) == (200, "application/pdf")
    assert imprime["Cache-Control"] == "private, no-store"
    texte = "\n".join(une.extract_text() for une in PdfReader(BytesIO(imprime.content)).pages)
    assert "Ponctuel, soigneux." in texte
    faux = pdf.replace(stage.acces.jeton, stage.acces.jeton[::-1])
    assert Client().get(faux).status_code == 404
    stage.fiche.retirer_les_liens(monde.a.enseignant, timezone.now())
    assert Client().get(pdf).status_code == 404
    assert "Ponctuel" not in Client().get(stage.acces.chemin).content.decode()


def test_la_page_nomme_le_lycee_l_enseignant_et_le_tuteur(monde: Monde, stage: Accueil) -> None:
    page = ouvrir(stage).content.decode()
    for nom in ("Lycée A", monde.a.enseignant.nom_complet, 'value="Maryse Tutrice 1"'):
        assert nom in page
    Pfmp.objects.update(referent=None)
    assert monde.a.enseignant.nom_complet in ouvrir(stage).content.decode()


def test_chaque_faute_mene_a_son_champ(stage: Accueil) -> None:
    donnees = complete(stage.fiche, activites="", je_signe="", signataire="", **reponses(stage.fiche, C1=""))
    page = poster(stage, donnees).content.decode()
    ancres = re.findall(r'<li><a href="#([^"]+)">', page)
    assert [ancre.rstrip("0123456789") for ancre in ancres] == [
        "id_activites",
        "q-c",
        "id_signataire",
        "titre-signature",
    ]
    assert all(f'id="{ancre}"' in page for ancre in ancres)


def test_rien_de_ce_que_le_tuteur_envoie_n_est_un_niveau(monde: Monde, stage: Accueil) -> None:
    avant = Evaluation.objects.count()
    poster(stage, complete(stage.fiche))
    assert Evaluation.objects.count() == avant
    assert monde.a.classe.situations.count() == 1


def referent(monde: Monde, adresse: str = "referente@lycee.invalid") -> None:
    monde.a.enseignant.email = adresse
    monde.a.enseignant.save()


def test_l_enseignant_referent_est_prevenu_une_fois(monde: Monde, stage: Accueil, settings: Any) -> None:
    settings.EMAIL_BACKEND = SMTP
    referent(monde)
    incomplet = complete(stage.fiche, signataire="")
    assert (poster(stage, incomplet).status_code, mail.outbox) == (422, [])
    donnees = complete(stage.relue())
    assert [poster(stage, donnees).status_code for _ in range(2)] == [302, 302]
    (courriel,) = mail.outbox
    assert courriel.to == ["referente@lycee.invalid"]
    assert courriel.subject.replace("\xa0", " ") == "PFMP n° 1, C. A. : fiche du tuteur reçue"
    adresse = reverse("livret:fiche-tuteur", args=stage.args)
    assert f"http://testserver{adresse}" in courriel.body
    assert stage.acces.jeton not in courriel.body
    assert "Ponctuel" not in courriel.body


@pytest.mark.parametrize("obstacle", ["console", "sans adresse", "sans référent", "en panne"])
def test_la_fiche_part_meme_si_le_courriel_ne_part_pas(
    monde: Monde, stage: Accueil, settings: Any, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    settings.EMAIL_BACKEND = (
        "django.core.mail.backends.console.EmailBackend" if obstacle == "console" else SMTP
    )
    referent(monde, "" if obstacle == "sans adresse" else "referente@lycee.invalid")
    if obstacle == "sans référent":
        Pfmp.objects.update(referent=None)
    if obstacle == "en panne":
        monkeypatch.setattr("trpm.courriel.EmailMessage.send", panne)
    assert poster(stage, complete(stage.fiche)).status_code == 302
    assert (stage.relue().etat, mail.outbox) == ("envoyee", [])
    assert "Merci, votre fiche est reçue" in ouvrir(stage).content.decode()


def panne(*arguments: object) -> None:
    raise OSError("connexion refusée")


def test_le_meme_envoi_deux_fois_ne_fait_rien_de_plus(stage: Accueil) -> None:
    donnees = complete(stage.fiche)
    assert [poster(stage, donnees).status_code for _ in range(2)] == [302, 302]
    fiche = stage.relue()
    assert (fiche.revision, fiche.history.filter(etat="envoyee").count()) == (1, 1)
    assert AvisTuteur.history.count() == 3


def test_une_fiche_envoyee_ne_change_plus_et_rien_n_est_perdu(stage: Accueil) -> None:
    poster(stage, complete(stage.fiche))
    reponse = poster(stage, complete(stage.fiche, activites="Autre chose d’important"))
    texte = reponse.content.decode()
    assert reponse.status_code == 409
    assert "elle ne se modifie plus" in texte
    assert "Autre chose d’important" in texte
    assert stage.relue().activites == "Contrôle de brides au poste 3."


def test_ce_qui_manque_est_dit_et_le_reste_est_garde(stage: Accueil) -> None:
    donnees = complete(stage.fiche, activites="", je_signe="", signataire="", **reponses(stage.fiche, C1=""))
    reponse = poster(stage, donnees)
    texte = reponse.content.decode()
    assert reponse.status_code == 422
    for faute in (
        "Il manque quelque chose",
        "Dites en quelques mots ce que l’élève a fait.",
        "Choisissez une réponse.",
        "Écrivez votre nom",
        "Signez dans le cadre, ou cochez « je signe ».",
    ):
        assert faute in texte
    assert "Ponctuel, soigneux." in texte
    fiche = stage.relue()
    assert (fiche.etat, fiche.points_forts, fiche.avis.count()) == ("brouillon", "Ponctuel, soigneux.", 2)


@pytest.mark.parametrize(
    "signature",
    ["data:image/png;base64,AAAA", "data:image/svg+xml;base64,PHN2Zy8+", "n’importe quoi", "A" * 300_001],
)
def test_une_signature_illisible_est_refusee(stage: Accueil, signature: str) -> None:
    reponse = poster(stage, complete(stage.fiche, signature=signature))
    assert reponse.status_code == 422
    assert "La signature" in reponse.content.decode()
    assert stage.relue().etat == "brouillon"


def adresse(image: Image.Image) -> str:
    sortie = BytesIO()
    image.save(sortie, "PNG")
    return PREFIXE + b64encode(sortie.getvalue()).decode()


def test_la_signature_est_redessinee_et_bornee() -> None:
    feuille = Image.new("RGB", (1900, 2000), "white")
    ImageDraw.Draw(feuille).line([(0, 0), (1899, 1999)], fill="#102030", width=9)
    with Image.open(BytesIO(signature_propre(adresse(feuille)))) as dessin:
        assert dessin.format == "PNG"
        assert dessin.width <= 600
        assert dessin.height <= 240
    for vide in (Image.new("RGBA", (600, 220)), Image.new("RGB", (600, 220), "white")):
        with pytest.raises(FichierRefuse, match="Le cadre de signature est vide"):
            signature_propre(adresse(vide))
    with pytest.raises(FichierRefuse, match="ne se lit pas"):
        signature_propre(adresse(Image.new("1", (2001, 2000))))


def test_un_niveau_hors_de_l_echelle_ou_une_competence_non_visee_n_entrent_pas(stage: Accueil) -> None:
    assert poster(stage, complete(stage.fiche, **reponses(stage.fiche, C1="9"))).status_code == 422
    autre = stage.pfmp.periode.classe.promotion.referentiel.competences.get(code="C3")
    poster(stage, complete(stage.relue(), **{f"c{autre.pk}": "3"}))
    assert set(stage.relue().avis.values_list("competence__code", flat=True)) == {"C1", "C2", "C5"}


# --- Le brouillon --------------------------------------------------------------------------------


def garder(stage: Accueil, **champs: Any) -> HttpResponse:
    donnees = complete(stage.fiche, **champs)
    del donnees["envoyer"]
    return poster(stage, donnees, accept="application/json")


def test_le_brouillon_est_garde_a_chaque_etape(stage: Accueil) -> None:
    reponse = garder(stage, points_forts="", je_signe="")
    assert reponse.status_code == 200
    assert reponse.json()["revision"] == 1
    assert reponse.json()["etat"].startswith("Gardé à ")
    fiche = stage.relue()
    assert (fiche.etat, fiche.activites, fiche.history.count()) == (
        "brouillon",
        "Contrôle de brides au poste 3.",
        1,
    )
    assert "Contrôle de brides au poste 3." in ouvrir(stage).content.decode()


def test_un_envoi_en_retard_ne_defait_pas_un_plus_recent(stage: Accueil) -> None:
    page = complete(stage.fiche)["page"]
    assert garder(stage, page=page, rang=2, activites="Récent").status_code == 200
    assert garder(stage, page=page, rang=1, activites="Ancien").status_code == 200
    assert stage.relue().activites == "Récent"
    assert garder(stage, page=page, rang=3, activites="Suite").status_code == 200
    assert stage.relue().activites == "Suite"


def test_deux_pages_ouvertes_ne_s_ecrasent_pas_en_silence(stage: Accueil) -> None:
    garder(stage, activites="Première page")
    reponse = garder(stage, activites="Seconde page")
    assert reponse.status_code == 409
    assert "modifiée ailleurs" in reponse.json()["etat"]
    assert stage.relue().activites == "Première page"
    sans_script = poster(stage, complete(stage.fiche, activites="Seconde page"))
    assert sans_script.status_code == 409
    assert "Seconde page" in sans_script.content.decode()
    revision = sans_script.context["form"]["revision"].value()
    assert (
        poster(stage, complete(stage.fiche, activites="Seconde page", revision=revision)).status_code == 302
    )
    assert stage.relue().activites == "Seconde page"
