"""Le calendrier d'une personne : ce qu'elle y lit, relu par un autre lecteur, et le secret de son adresse."""

import datetime
import logging
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from livret.models import Jeton, Pfmp, Utilisateur
from livret.personnes.identifiants import initiales
from tests import factories
from tests.litanie import connecte, requetes
from tests.livret.pfmp.scene import Scene, scene
from tests.monde import INTRUS, Ecole, Monde
from trpm.echanges import calendrier
from trpm.garde.confidentialite import masque

COMMISSION = datetime.date(2026, 6, 3)


@pytest.fixture(autouse=True)
def un_siecle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Les dates du monde sont fixes, l'horloge ne l'est pas."""
    monkeypatch.setattr(calendrier, "PASSE", datetime.timedelta(days=36_500))


@pytest.fixture
def pfmp(monde: Monde) -> Scene:
    scene(monde.b)
    return scene(monde.a)


def adresse_de(user: Utilisateur, usage: Jeton.Usage = Jeton.Usage.CALENDRIER) -> str:
    return reverse("calendrier", args=[Jeton.creer(user, usage, "Téléphone", timezone.now()).secret])


def lus(adresse: str) -> dict[str, vobject.base.Component]:
    """Par titre, ce qu'en lit vobject, qui ne partage rien avec la bibliothèque qui l'a écrit."""
    reponse = Client().get(adresse)
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert INTRUS not in reponse.content.decode()
    agenda = vobject.readOne(reponse.content.decode())
    agenda.validate(raiseException=True)
    return {un.summary.value: un for un in getattr(agenda, "vevent_list", [])}


def test_l_enseignant_lit_ses_periodes_ses_eleves_et_ses_visites(monde: Monde, pfmp: Scene) -> None:
    vus = lus(adresse_de(monde.a.enseignant))
    assert set(vus) == {
        "PFMP A, Tle A",
        "C. A., Tle A, en entreprise",
        "Visite en entreprise\xa0: C. A., Tle A",
    }
    sejour = vus["C. A., Tle A, en entreprise"]
    assert (sejour.dtstart.value, sejour.dtend.value) == (
        datetime.date(2026, 1, 5),
        datetime.date(2026, 1, 31),
    )
    assert sejour.location.value == "Usinage A, Essai-sur-Loire"
    assert sejour.url.value == f"http://testserver{pfmp.camille.get_absolute_url()}"


def test_ni_nom_d_eleve_ni_tuteur_ni_compte_rendu(monde: Monde, pfmp: Scene) -> None:
    for compte in monde.a.comptes.values():
        contenu = Client().get(adresse_de(compte)).content.decode()
        for tu in ("ALPHA", "Camille", "Dominique", "Tutrice", "Bonne tenue", "absence", INTRUS):
            assert tu not in contenu


@pytest.mark.parametrize(
    ("role", "attendus"),
    [
        ("administrateur", {"PFMP A, Tle A", "Commission EP1 A"}),
        ("collegue", set()),
        ("compte_eleve", {"PFMP A"}),
        ("membre", {"Commission EP1 A"}),
        ("president", {"Commission EP1 A"}),
        ("inspecteur", set()),
    ],
)
def test_chacun_ne_lit_que_ce_qu_il_voit(monde: Monde, pfmp: Scene, role: str, attendus: set[str]) -> None:
    assert set(lus(adresse_de(getattr(monde.a, role)))) == attendus


def test_une_pfmp_annulee_et_une_commission_close_n_y_sont_plus(monde: Monde, pfmp: Scene) -> None:
    pfmp.camille.passer(Pfmp.Etat.ANNULEE)
    commission = monde.a.commission
    commission.close_le, commission.close_par = timezone.now(), monde.a.president
    commission.motif_cloture = "Doublon."
    commission.save()
    assert set(lus(adresse_de(monde.a.enseignant))) == {"PFMP A, Tle A"}
    assert lus(adresse_de(monde.a.president)) == {}


def test_un_role_perdu_ferme_a_la_lecture_suivante(monde: Monde, pfmp: Scene) -> None:
    adresse = adresse_de(monde.a.enseignant)
    assert lus(adresse)
    monde.a.classe.equipe.clear()
    assert lus(adresse) == {}


def test_une_reunion_est_une_seule_ligne(monde: Monde) -> None:
    seconde = factories.commission(monde.a.promotion, "EP2", [monde.a.membre])
    factories.reunion(monde.a.commission, seconde)
    assert set(lus(adresse_de(monde.a.president))) == {"Réunion de Commission EP1 A"}


@pytest.mark.parametrize(
    ("fuseau", "universelle"), [("Europe/Paris", 12), ("Indian/Reunion", 10), ("Pacific/Noumea", 3)]
)
def test_l_heure_d_une_commission_est_celle_de_l_etablissement(
    monde: Monde, fuseau: str, universelle: int
) -> None:
    monde.a.etablissement.fuseau = fuseau
    monde.a.etablissement.save()
    monde.a.commission.heure = datetime.time(14, 0)
    monde.a.commission.save()
    debut = lus(adresse_de(monde.a.membre))["Commission EP1 A"].dtstart
    assert debut.value.astimezone(ZoneInfo("UTC")) == datetime.datetime(
        2026, 6, 3, universelle, tzinfo=ZoneInfo("UTC")
    )
    assert debut.params["X-VOBJ-ORIGINAL-TZID"] == [fuseau]


def test_les_cles_ne_changent_pas_d_une_lecture_a_l_autre(monde: Monde, pfmp: Scene) -> None:
    adresse = adresse_de(monde.a.enseignant)
    cles = [{un.uid.value for un in lus(adresse).values()} for _ in range(2)]
    assert cles[0] == cles[1]
    assert len(cles[0]) == 3


def test_le_nombre_de_requetes_ne_depend_pas_des_eleves(monde: Monde, pfmp: Scene) -> None:
    """Le jeton, son utilisation, les rôles ; périodes, séjours, visites."""
    adresse = adresse_de(monde.a.enseignant)
    assert requetes(lambda: Client().get(adresse)) == 6
    assert requetes(lambda: Client().get(adresse)) == 5
    tuteur = factories.tuteur(pfmp.entreprise, "Autre")
    for rang in range(3):
        eleve = factories.eleve(monde.a.classe, f"Suivi{rang}", "Alix")
        suivie = factories.pfmp(pfmp.periode, eleve, monde.a.enseignant)
        factories.sejour(suivie, tuteur)
        factories.visite(suivie, monde.a.enseignant)
    assert requetes(lambda: Client().get(adresse)) == 5


# --- Le secret -----------------------------------------------------------------------------------


def test_creer_une_adresse_la_montre_une_fois(monde: Monde) -> None:
    client = connecte(monde.a.enseignant)
    page = client.post(reverse("abonnements"), {"nom": "Mon téléphone"})
    adresse = page.context["adresse"]
    assert adresse in page.content.decode()
    assert lus(adresse.removeprefix("http://testserver")) == {}
    relue = client.get(reverse("abonnements")).content.decode()
    assert "Mon téléphone" in relue
    assert adresse.rsplit("/", 1)[1].removesuffix(".ics") not in relue
    assert client.post(reverse("abonnements"), {"nom": " "}).status_code == 422


def test_la_base_ne_garde_qu_un_condense(monde: Monde) -> None:
    neuf = Jeton.creer(monde.a.enseignant, Jeton.Usage.CALENDRIER, "Téléphone", timezone.now())
    assert neuf.secret not in str(Jeton.objects.values().get())


def test_retirer_ferme_et_garde_la_date(monde: Monde) -> None:
    adresse = adresse_de(monde.a.enseignant)
    jeton = Jeton.objects.get()
    ailleurs = connecte(monde.a.administrateur).post(reverse("jeton-retrait", args=[jeton.pk]))
    assert ailleurs.status_code == 404
    assert Client().get(adresse).status_code == 200
    client = connecte(monde.a.enseignant)
    client.post(reverse("jeton-retrait", args=[jeton.pk]))
    jeton.refresh_from_db()
    premier = jeton.retire_le
    client.post(reverse("jeton-retrait", args=[jeton.pk]))
    jeton.refresh_from_db()
    assert (Client().get(adresse).status_code, jeton.retire_le) == (404, premier)


def ferme(ecole: Ecole) -> str:
    adresse = adresse_de(ecole.enseignant)
    Utilisateur.objects.filter(pk=ecole.enseignant.pk).update(is_active=False)
    return adresse


def test_un_compte_ferme_un_autre_usage_un_secret_invente_n_ouvrent_rien(monde: Monde) -> None:
    demain = timezone.now() + datetime.timedelta(days=1)
    api = Jeton.creer(monde.a.membre, Jeton.Usage.SAISIE, "Programme", timezone.now(), demain)
    invente = reverse("calendrier", args=["x" * 43])
    for adresse in (ferme(monde.a), reverse("calendrier", args=[api.secret]), invente):
        assert Client().get(adresse).status_code == 404


def test_le_secret_ne_va_ni_au_journal_ni_au_referent(monde: Monde, caplog: pytest.LogCaptureFixture) -> None:
    adresse = adresse_de(monde.a.enseignant)
    secret = adresse.rsplit("/", 1)[1].removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        bonne, mauvaise = Client().get(adresse), Client().get(adresse.replace(secret, "court"))
    for reponse in (bonne, mauvaise):
        assert reponse["Referrer-Policy"] == "no-referrer"
        assert reponse["Cache-Control"] == "private, no-store"
        assert "noindex" in reponse["X-Robots-Tag"]
    assert secret not in caplog.text
    assert masque(f'"GET {adresse} HTTP/1.1" 200') == '"GET /calendrier/[secret] HTTP/1.1" 200'
    assert masque("Not Found: /calendrier/court.ics") == "Not Found: /calendrier/[secret]"


def test_la_derniere_utilisation_se_note(monde: Monde) -> None:
    adresse = adresse_de(monde.a.enseignant)
    assert "jamais" in connecte(monde.a.enseignant).get(reverse("abonnements")).content.decode()
    Client().get(adresse)
    assert Jeton.objects.get().vu_le is not None
    assert "jamais" not in connecte(monde.a.enseignant).get(reverse("abonnements")).content.decode()


@pytest.mark.parametrize(
    "champs",
    [
        {"usage": "lecture"},
        {"usage": "saisie", "expire_le": timezone.now() - datetime.timedelta(days=1)},
        {"usage": "calendrier", "nom": ""},
    ],
)
def test_la_base_refuse_un_jeton_sans_nom_ou_sans_fin(monde: Monde, champs: dict[str, object]) -> None:
    commun = {"utilisateur": monde.a.enseignant, "nom": "Un", "cree_le": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Jeton.objects.create(**commun | champs)


@pytest.mark.parametrize(
    ("prenom", "nom", "dites"),
    [("Camille", "Morel", "C. M."), ("élise", "", "É."), (" Jean", "de Rê", "J. D.")],
)
def test_initiales(prenom: str, nom: str, dites: str) -> None:
    assert initiales(prenom, nom) == dites
