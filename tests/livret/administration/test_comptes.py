"""Les comptes des adultes : rôles, mots de passe, et aucune prise de droits ailleurs."""

import pytest
from django.urls import reverse

from livret.models import Appartenance, Invitation, Utilisateur
from tests import factories
from tests.factories import MOT_DE_PASSE
from tests.litanie import (
    adresse,
    connecte,
    messages,
    requetes,
    verifier_droits,
)
from tests.monde import INTRUS, Monde
from trpm.permissions import Role

PRIS = "L’identifiant « Enseignant-B » est déjà pris ; choisissez-en un autre."
SEUL = "C’est le dernier administrateur de l’établissement : donnez d’abord ce rôle à une autre personne."


def roles(compte: Utilisateur, etablissement: object) -> set[str]:
    return set(
        Appartenance.objects.filter(utilisateur=compte, etablissement=etablissement).values_list(
            "role", flat=True
        )
    )


@pytest.fixture
def partage(monde: Monde) -> Utilisateur:
    """Un administrateur de B qui enseigne aussi chez A."""
    compte = factories.utilisateur(
        Role.ADMINISTRATEUR, etablissement=monde.b.etablissement, identifiant="partage"
    )
    Appartenance.objects.create(utilisateur=compte, etablissement=monde.a.etablissement, role=Role.ENSEIGNANT)
    return compte


def test_liste(monde: Monde) -> None:
    url = adresse("comptes", monde.a.etablissement.pk)
    contenu = verifier_droits(monde, url, adresse("comptes", monde.b.etablissement.pk))
    assert "enseignant-a" in contenu
    # Les rôles tenus ailleurs ne se lisent pas ici.
    Appartenance.objects.create(
        utilisateur=monde.a.enseignant, etablissement=monde.b.etablissement, role=Role.PRESIDENT
    )
    reponse = connecte(monde.a.administrateur).get(url)
    tenus = {
        compte.username: [tenu.role for tenu in compte.roles_ici] for compte in reponse.context["comptes"]
    }
    assert tenus == {
        "administrateur-a": ["administrateur"],
        "collegue-a": ["enseignant"],
        "enseignant-a": ["enseignant"],
        "membre-a": ["membre"],
        "president-a": ["president"],
    }


def test_requetes(monde: Monde) -> None:
    neuf = factories.etablissement()
    client = connecte(factories.utilisateur(Role.ADMINISTRATEUR, etablissement=neuf))
    url = adresse("comptes", neuf.pk)
    assert requetes(lambda: client.get(url)) == 8
    factories.utilisateur(Role.ENSEIGNANT, Role.MEMBRE, etablissement=neuf)
    factories.utilisateur(Role.ENSEIGNANT, etablissement=neuf)
    assert requetes(lambda: client.get(url)) == 8


# --- Créer ---


def test_creer(monde: Monde) -> None:
    url = adresse("compte-create", monde.a.etablissement.pk)
    verifier_droits(monde, url, adresse("compte-create", monde.b.etablissement.pk))
    donnees = {"last_name": "Du Pré", "first_name": "Jean-Éloï", "roles": ["enseignant", "membre"]}
    reponse = connecte(monde.a.administrateur).post(url, donnees)
    [acces] = reponse.context["acces"]
    assert (acces.nom, acces.identifiant) == ("Jean-Éloï Du Pré", "jeaneloi.dupre")
    assert acces.mot_de_passe in reponse.content.decode()
    assert "no-store" in reponse["Cache-Control"]
    compte = Utilisateur.objects.get(username="jeaneloi.dupre")
    assert roles(compte, monde.a.etablissement) == {"enseignant", "membre"}
    assert compte.check_password(acces.mot_de_passe)
    assert (compte.is_staff, compte.is_superuser) == (False, False)


def test_les_homonymes_recoivent_un_numero(monde: Monde) -> None:
    url = adresse("compte-create", monde.a.etablissement.pk)
    donnees = {"last_name": "Roux", "first_name": "Anne", "roles": ["membre"]}
    client = connecte(monde.a.administrateur)
    recus = [client.post(url, donnees).context["acces"][0].identifiant for _ in range(3)]
    assert recus == ["anne.roux", "anne.roux2", "anne.roux3"]


def test_le_mot_de_passe_en_csv(monde: Monde) -> None:
    url = adresse("compte-create", monde.a.etablissement.pk)
    donnees = {"last_name": "x", "first_name": "=cmd", "roles": ["membre"], "forme": "csv"}
    reponse = connecte(monde.a.administrateur).post(url, donnees)
    entete, ligne = reponse.content.decode("utf-8-sig").splitlines()
    assert entete == "Nom;Identifiant;Mot de passe provisoire;Lien d’invitation"
    assert "/bienvenue/" in ligne
    assert ligne.startswith("'=cmd x;cmd.x;")
    assert "no-store" in reponse["Cache-Control"]


@pytest.mark.parametrize(
    ("champs", "champ", "message"),
    [
        ({"roles": []}, "roles", "Cochez au moins un rôle."),
        ({"roles": ["eleve"]}, "roles", None),
        ({"roles": ["superuser"]}, "roles", None),
        ({"username": "Enseignant-B"}, "username", PRIS),
        ({"username": "a b"}, "username", None),
        ({"email": "faux"}, "email", "Saisissez une adresse de courriel valide."),
        ({"last_name": ""}, "last_name", "Ce champ est obligatoire."),
    ],
)
def test_creation_fautive(monde: Monde, champs: dict[str, object], champ: str, message: str | None) -> None:
    url = adresse("compte-create", monde.a.etablissement.pk)
    donnees = {"last_name": "Roux", "first_name": "Anne", "roles": ["membre"], **champs}
    avant = Utilisateur.objects.count()
    reponse = connecte(monde.a.administrateur).post(url, donnees)
    erreurs = reponse.context["form"].errors
    assert list(erreurs) == [champ]
    assert message is None or erreurs[champ] == [message]
    assert 'value="Anne"' in reponse.content.decode()
    assert Utilisateur.objects.count() == avant


# --- Rattacher ---


def test_rattacher(monde: Monde) -> None:
    url = adresse("compte-rattacher", monde.a.etablissement.pk)
    verifier_droits(monde, url, adresse("compte-rattacher", monde.b.etablissement.pk))
    donnees = {"identifiant": "enseignant-b", "roles": ["enseignant"]}
    client, invite = connecte(monde.a.administrateur), monde.b.enseignant
    assert client.post(url, donnees).status_code == 302
    assert client.post(url, donnees).status_code == 302
    assert roles(invite, monde.a.etablissement) == set(), "rien avant que le titulaire accepte"
    invitation = Invitation.objects.get(utilisateur=invite)
    reponse = adresse("invitation", invitation.pk)
    assert client.post(reponse, {"accepter": "1"}).status_code == 404, "nul n’accepte pour un autre"
    accueil = connecte(invite).get(reverse("accueil")).content.decode()
    assert f"Invitation de {monde.a.etablissement}" in accueil
    connecte(invite).post(reponse, {"accepter": "1"})
    assert roles(invite, monde.a.etablissement) == {"enseignant"}
    assert roles(invite, monde.b.etablissement) == {"enseignant"}
    assert not Invitation.objects.exists()


def test_refuser_une_invitation(monde: Monde) -> None:
    donnees = {"identifiant": "enseignant-b", "roles": ["administrateur"]}
    connecte(monde.a.administrateur).post(adresse("compte-rattacher", monde.a.etablissement.pk), donnees)
    reponse = adresse("invitation", Invitation.objects.get().pk)
    assert connecte(monde.b.enseignant).post(reponse, {"refuser": "1"}).status_code == 302
    assert roles(monde.b.enseignant, monde.a.etablissement) == set()
    assert not Invitation.objects.exists()


def test_rattacher_garde_les_roles_deja_tenus(monde: Monde, partage: Utilisateur) -> None:
    url = adresse("compte-rattacher", monde.a.etablissement.pk)
    connecte(monde.a.administrateur).post(url, {"identifiant": "partage", "roles": ["membre"]})
    assert roles(partage, monde.a.etablissement) == {"enseignant", "membre"}


def test_ce_qui_ne_se_rattache_pas(monde: Monde) -> None:
    """Ni un identifiant approché, ni un élève, ni un compte fermé, technique ou sans rôle."""
    Utilisateur.objects.create_superuser("racine", password=MOT_DE_PASSE)
    factories.utilisateur(identifiant="sans-role")
    monde.b.membre.is_active = False
    monde.b.membre.save()
    technique = monde.b.president
    technique.is_staff = True
    technique.save()
    url = adresse("compte-rattacher", monde.a.etablissement.pk)
    client = connecte(monde.a.administrateur)
    essais = [
        "Enseignant-B",
        "enseignant",
        "eleve-b",
        "membre-b",
        "president-b",
        "racine",
        "sans-role",
        "rien",
    ]
    for identifiant in essais:
        reponse = client.post(url, {"identifiant": identifiant, "roles": ["enseignant"]})
        assert reponse.context["form"].errors["identifiant"] == [
            f"Aucun compte d’adulte en service ne porte exactement l’identifiant « {identifiant} ». "
            "Demandez-le à la personne, ou créez-lui un compte."
        ]
        assert INTRUS not in reponse.content.decode()
    assert not Appartenance.objects.filter(
        etablissement=monde.a.etablissement, utilisateur__username__in=essais
    ).exists()


# --- Rôles ---


def test_page_du_compte(monde: Monde) -> None:
    url = adresse("compte", monde.a.etablissement.pk, monde.a.enseignant.pk)
    contenu = verifier_droits(monde, url, adresse("compte", monde.b.etablissement.pk, monde.b.enseignant.pk))
    assert "Remettre un nouveau mot de passe" in contenu
    # Un compte de B ne s'ouvre pas non plus par l'adresse de A.
    croise = adresse("compte", monde.a.etablissement.pk, monde.b.enseignant.pk)
    assert connecte(monde.a.administrateur).get(croise).status_code == 404


def test_ajouter_et_retirer_un_role(monde: Monde) -> None:
    url = adresse("compte", monde.a.etablissement.pk, monde.a.enseignant.pk)
    client = connecte(monde.a.administrateur)
    client.post(url, {"roles": ["enseignant", "president"]})
    assert roles(monde.a.enseignant, monde.a.etablissement) == {"enseignant", "president"}
    client.post(url, {"roles": ["president"]})
    assert roles(monde.a.enseignant, monde.a.etablissement) == {"president"}
    # Qui n'enseigne plus quitte les équipes de l'établissement.
    assert list(monde.a.classe.equipe.all()) == []


def test_un_compte_garde_un_role(monde: Monde) -> None:
    url = adresse("compte", monde.a.etablissement.pk, monde.a.enseignant.pk)
    reponse = connecte(monde.a.administrateur).post(url, {})
    assert reponse.context["form"].errors["roles"] == [
        "Un compte garde au moins un rôle ; pour fermer l’accès, désactivez-le."
    ]
    assert roles(monde.a.enseignant, monde.a.etablissement) == {"enseignant"}


def test_les_roles_d_ailleurs_ne_bougent_pas(monde: Monde, partage: Utilisateur) -> None:
    url = adresse("compte", monde.a.etablissement.pk, partage.pk)
    assert connecte(monde.a.administrateur).post(url, {}).status_code == 302
    assert roles(partage, monde.a.etablissement) == set()
    assert roles(partage, monde.b.etablissement) == {"administrateur"}


def test_le_dernier_administrateur_le_reste(monde: Monde) -> None:
    url = adresse("compte", monde.a.etablissement.pk, monde.a.administrateur.pk)
    client = connecte(monde.a.administrateur)
    reponse = client.post(url, {"roles": ["enseignant"]})
    assert reponse.context["form"].errors["roles"] == [SEUL]
    assert roles(monde.a.administrateur, monde.a.etablissement) == {"administrateur"}
    # Un administrateur désactivé ne compte pas.
    second = factories.utilisateur(Role.ADMINISTRATEUR, etablissement=monde.a.etablissement)
    second.is_active = False
    second.save()
    assert client.post(url, {"roles": ["enseignant"]}).context["form"].errors["roles"] == [SEUL]
    second.is_active = True
    second.save()
    assert client.post(url, {"roles": ["enseignant"]}).status_code == 302
    assert roles(monde.a.administrateur, monde.a.etablissement) == {"enseignant"}


# --- Mot de passe, identité, activité ---


def test_remettre_un_mot_de_passe(monde: Monde) -> None:
    session = connecte(monde.a.enseignant)
    assert session.get("/classes/").status_code == 200
    reponse_contenu = verifier_droits(
        monde,
        adresse("compte-mot-de-passe", monde.a.etablissement.pk, monde.a.enseignant.pk),
        adresse("compte-mot-de-passe", monde.b.etablissement.pk, monde.b.enseignant.pk),
        methode="post",
    )
    monde.a.enseignant.refresh_from_db()
    assert not monde.a.enseignant.check_password(MOT_DE_PASSE)
    [mot] = [m for m in reponse_contenu.split("<code>") if m[4:5] == "-" and m[14:21] == "</code>"]
    assert monde.a.enseignant.check_password(mot[:14])
    # Les sessions ouvertes avec l'ancien mot de passe se ferment.
    assert session.get("/classes/").status_code == 302


def test_remettre_se_demande_par_post(monde: Monde) -> None:
    url = adresse("compte-mot-de-passe", monde.a.etablissement.pk, monde.a.enseignant.pk)
    assert connecte(monde.a.administrateur).get(url).status_code == 405


def test_son_propre_mot_de_passe_se_change_ailleurs(monde: Monde) -> None:
    url = adresse("compte-mot-de-passe", monde.a.etablissement.pk, monde.a.administrateur.pk)
    reponse = connecte(monde.a.administrateur).post(url)
    assert (reponse.status_code, reponse.url) == (302, "/mot-de-passe/")
    monde.a.administrateur.refresh_from_db()
    assert monde.a.administrateur.check_password(MOT_DE_PASSE)


ACTES = ["compte-mot-de-passe", "compte-activite", "compte-identite"]


@pytest.mark.parametrize("acte", ACTES)
def test_un_compte_partage_ne_se_prend_pas(monde: Monde, partage: Utilisateur, acte: str) -> None:
    """L'administrateur de B, enseignant chez A : A ne peut ni le renommer, ni l'ouvrir, ni le fermer."""
    client = connecte(monde.a.administrateur)
    url = adresse(acte, monde.a.etablissement.pk, partage.pk)
    donnees = {"last_name": "Pris", "first_name": "Pris", "email": "pris@essai.invalid"}
    assert client.post(url, donnees).status_code == 404
    partage.refresh_from_db()
    assert (partage.is_active, partage.last_name, partage.email) == (True, "Essai", "partage@essai.invalid")
    assert partage.check_password(MOT_DE_PASSE)
    page = client.get(adresse("compte", monde.a.etablissement.pk, partage.pk)).content.decode()
    assert "Remettre un nouveau mot de passe" not in page
    assert partage.email not in page


@pytest.mark.parametrize("acte", ACTES)
@pytest.mark.parametrize("attache", ["staff", "superuser", "eleve"])
def test_les_autres_attaches_protegent_aussi(monde: Monde, acte: str, attache: str) -> None:
    compte = monde.a.membre
    if attache == "eleve":
        monde.b.eleves[1].utilisateur = compte
        monde.b.eleves[1].save()
    else:
        setattr(compte, f"is_{attache}", True)
        compte.save()
    client = connecte(monde.a.administrateur)
    url = adresse(acte, monde.a.etablissement.pk, compte.pk)
    assert client.post(url, {"last_name": "Pris", "first_name": "Pris"}).status_code == 404


@pytest.mark.parametrize("acte", ACTES)
def test_l_ajouter_ne_donne_pas_prise_sur_lui(monde: Monde, acte: str) -> None:
    client = connecte(monde.a.administrateur)
    rattacher = adresse("compte-rattacher", monde.a.etablissement.pk)
    client.post(rattacher, {"identifiant": "enseignant-b", "roles": ["administrateur"]})
    connecte(monde.b.enseignant).post(adresse("invitation", Invitation.objects.get().pk), {"accepter": "1"})
    assert roles(monde.b.enseignant, monde.a.etablissement) == {"administrateur"}
    url = adresse(acte, monde.a.etablissement.pk, monde.b.enseignant.pk)
    assert client.post(url, {"last_name": "Pris", "first_name": "Pris"}).status_code == 404
    monde.b.enseignant.refresh_from_db()
    assert monde.b.enseignant.check_password(MOT_DE_PASSE)


def test_etre_seulement_enseignant_ailleurs_n_elargit_pas(monde: Monde, partage: Utilisateur) -> None:
    """Enseigner chez B ne donne pas à l'administrateur de A prise sur un compte partagé A et B."""
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=monde.b.etablissement, role=Role.ENSEIGNANT
    )
    url = adresse("compte-mot-de-passe", monde.a.etablissement.pk, partage.pk)
    assert connecte(monde.a.administrateur).post(url).status_code == 404


def test_administrer_les_deux_elargit(monde: Monde, partage: Utilisateur) -> None:
    Appartenance.objects.create(
        utilisateur=monde.a.administrateur, etablissement=monde.b.etablissement, role=Role.ADMINISTRATEUR
    )
    url = adresse("compte-mot-de-passe", monde.a.etablissement.pk, partage.pk)
    assert connecte(monde.a.administrateur).post(url).status_code == 200


def test_identite(monde: Monde) -> None:
    url = adresse("compte-identite", monde.a.etablissement.pk, monde.a.enseignant.pk)
    verifier_droits(monde, url, adresse("compte-identite", monde.b.etablissement.pk, monde.b.enseignant.pk))
    donnees = {"last_name": "Neuf", "first_name": "Nom", "email": "neuf@essai.invalid", "is_superuser": "on"}
    assert connecte(monde.a.administrateur).post(url, donnees).status_code == 302
    monde.a.enseignant.refresh_from_db()
    compte = monde.a.enseignant
    assert (compte.nom_complet, compte.email, compte.is_superuser) == (
        "Nom Neuf",
        "neuf@essai.invalid",
        False,
    )


def test_desactiver_et_reactiver(monde: Monde) -> None:
    url = adresse("compte-activite", monde.a.etablissement.pk, monde.a.enseignant.pk)
    verifier_droits(
        monde,
        url,
        adresse("compte-activite", monde.b.etablissement.pk, monde.b.enseignant.pk),
        methode="post",
        succes=302,
    )
    monde.a.enseignant.refresh_from_db()
    assert not monde.a.enseignant.is_active
    client = connecte(monde.a.administrateur)
    assert messages(client.post(url, follow=True))[-1].endswith("est réactivé.")
    monde.a.enseignant.refresh_from_db()
    assert monde.a.enseignant.is_active


def test_on_ne_se_desactive_pas(monde: Monde) -> None:
    url = adresse("compte-activite", monde.a.etablissement.pk, monde.a.administrateur.pk)
    reponse = connecte(monde.a.administrateur).post(url, follow=True)
    assert messages(reponse) == ["Vous ne pouvez pas désactiver votre propre compte."]
    monde.a.administrateur.refresh_from_db()
    assert monde.a.administrateur.is_active
