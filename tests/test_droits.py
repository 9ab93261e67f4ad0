"""Chaque adresse, pour chaque rôle : ce qui s’ouvre, ce qui est refusé, ce qui n’existe pas.

La table est littérale. Une adresse nouvelle fait échouer `test_la_table_est_complete` tant qu’elle
n’y est pas. Les données de l’établissement B portent partout la marque INTRUS.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from certification.dossier.resultats import dossier_lu
from certification.lot.tirages import demander as demander_un_lot
from certification.models import AccesJury, Tirage
from livret.models import (
    AnneeScolaire,
    Appartenance,
    Etablissement,
    FicheTuteur,
    Invitation,
    Jeton,
    PassageDAnnee,
    PhotoEleve,
    Responsable,
    Scolarite,
    Situation,
    TransfertRecu,
    Utilisateur,
)
from livret.transfert.arrivee import deposer
from livret.transfert.depart import DONNEES, FORMAT, VERSION
from referentiel.models import ImportReferentiel
from tests import factories
from tests.livret.pfmp.scene import scene
from tests.livret.photo import jpeg
from tests.monde import INTRUS, Ecole, Monde
from tests.tirage_blanc import pdf_de, sans_mise_en_page
from trpm.base.archive import ecrire
from trpm.base.signature import cle as cle_de_signature
from trpm.base.signature import empreinte_de_la_cle
from trpm.permissions import DROITS, Action, Role

ROLES = [
    *(Role.ADMINISTRATEUR, Role.ENSEIGNANT, Role.ELEVE, Role.MEMBRE, Role.PRESIDENT),
    Role.INSPECTEUR,
]
TECHNIQUE = {"admin-technique/", "api/v1/"}  # la seconde, à jetons : tests/echanges/test_api.py
Sessions = dict[int, str]


@pytest.fixture
def monde(monde_du_fichier: Monde, db: None) -> Monde:
    """Six cents tests, un seul monde : le reconstruire prenait le plus clair de leur temps."""
    return monde_du_fichier


def parent_de(ecole: Ecole) -> Utilisateur:
    """Le responsable légal du premier élève, et de lui seul."""
    nom = f"parent-{ecole.classe.pk}"
    if connu := Utilisateur.objects.filter(username=nom).first():
        return connu
    compte = factories.utilisateur(identifiant=nom)
    Responsable.objects.create(compte=compte, eleve=ecole.eleves[0])
    return compte


@pytest.fixture(scope="module")
def sessions(monde_du_fichier: Monde, django_db_blocker: DjangoDbBlocker) -> Sessions:
    """La session de chacun, ouverte une fois pour tout le fichier."""
    a, ouvertes = monde_du_fichier.a, {}
    with django_db_blocker.unblock():
        Etablissement.objects.update(familles=True)
        for compte in {*a.comptes.values(), a.collegue, parent_de(a), parent_de(monde_du_fichier.b)}:
            client = Client()
            client.force_login(compte)
            ouvertes[compte.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return ouvertes


Arguments = Callable[[Ecole], list[object]]


def classe(ecole: Ecole) -> list[object]:
    return [ecole.classe.pk]


def situation(ecole: Ecole) -> list[object]:
    return [ecole.situation.pk]


def modele(ecole: Ecole) -> list[object]:
    return [factories.modele(ecole.situation).pk]


def piece(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    return [factories.piece(ecole.situation, f"Sujet {lettre}.pdf", pdf_de(lettre)).pk]


def groupe(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    return [factories.groupe(ecole.classe, ecole.eleves, f"Groupe {lettre}").pk]


def poste(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    return [factories.poste(ecole.situation, f"Tour {lettre}").pk]


def demande(ecole: Ecole) -> list[object]:
    return [factories.demande(ecole.eleves[0], ecole.classe).pk]


def trace_d_eleve(ecole: Ecole) -> list[object]:
    return [factories.trace_d_eleve(ecole.eleves[0], ecole.compte_eleve).pk]


def trace_retiree(ecole: Ecole) -> list[object]:
    trace = factories.trace_d_eleve(ecole.eleves[0], ecole.compte_eleve)
    trace.retirer(ecole.compte_eleve, timezone.now())
    return [trace.pk]


def fiche(ecole: Ecole) -> list[object]:
    return [ecole.situation.pk, ecole.eleves[0].pk]


def trace(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    Situation.objects.filter(pk=ecole.situation.pk).update(etat="publiee")
    return [factories.trace(ecole.situation, ecole.eleves[0], pdf_de(lettre)).pk]


def photo(ecole: Ecole) -> list[object]:
    Situation.objects.filter(pk=ecole.situation.pk).update(etat="publiee")
    return [factories.photo(ecole.situation, ecole.eleves[0], jpeg((40, 30))).pk]


def phrase(ecole: Ecole) -> list[object]:
    return [factories.phrase(ecole.enseignant, f"Phrase de {ecole.etablissement.nom}.").pk]


def eleve(ecole: Ecole) -> list[object]:
    return [ecole.eleves[0].pk]


def eleve_a_photo(ecole: Ecole) -> list[object]:
    """L'établissement montre les photos ; le premier élève en a une."""
    Etablissement.objects.filter(pk=ecole.etablissement.pk).update(photos_d_eleves=True)
    PhotoEleve.objects.create(eleve=ecole.eleves[0], image=jpeg((40, 30)))
    return eleve(ecole)


def classe_a_photos(ecole: Ecole) -> list[object]:
    eleve_a_photo(ecole)
    return classe(ecole)


def bilan(ecole: Ecole) -> list[object]:
    """Le bilan validé du premier élève."""
    return [factories.bilan(ecole.eleves[0], ecole.enseignant, "valide").pk]


def classe_aux_bilans(ecole: Ecole) -> list[object]:
    bilan(ecole)
    return classe(ecole)


def periode(ecole: Ecole) -> list[object]:
    return [scene(ecole).periode.pk]


def pfmp(ecole: Ecole) -> list[object]:
    return [scene(ecole).camille.pk]


def sejour(ecole: Ecole) -> list[object]:
    return [scene(ecole).sejour.pk]


def absence(ecole: Ecole) -> list[object]:
    return [scene(ecole).absence.pk]


def visite(ecole: Ecole) -> list[object]:
    return [scene(ecole).visite.pk]


def entreprise(ecole: Ecole) -> list[object]:
    return [scene(ecole).entreprise.pk]


def tuteur(ecole: Ecole) -> list[object]:
    return [scene(ecole).tuteur.pk]


def fiche_tuteur(ecole: Ecole) -> list[object]:
    ici = scene(ecole)
    ici.camille.competences.set(ecole.promotion.referentiel.competences.all())
    return [ici.camille.pk, ici.tuteur.pk]


def fiche_papier(ecole: Ecole) -> list[object]:
    pfmp, tuteur = fiche_tuteur(ecole)
    FicheTuteur.objects.create(
        pfmp_id=pfmp,
        tuteur_id=tuteur,
        scan=ContentFile(pdf_de(ecole.etablissement.nom), "fiche"),
        scan_nom="Fiche.pdf",
        scan_type="application/pdf",
    )
    return [pfmp, tuteur]


def etablissement(ecole: Ecole) -> list[object]:
    return [ecole.etablissement.pk]


def transfert(ecole: Ecole) -> list[object]:
    zip_ = ecrire({"origine.txt": ecole.etablissement.nom.encode()}, cle_de_signature())
    recu = {"empreinte": "0" * 64, "signataire": "", "le": timezone.now(), "par": ecole.administrateur}
    recu |= {"origine": ecole.etablissement.nom, "archive": ContentFile(zip_, "archive")}
    return [TransfertRecu.objects.create(etablissement=ecole.etablissement, eleve=ecole.eleves[0], **recu).pk]


def depot(ecole: Ecole) -> list[object]:
    """L’archive d’un autre élève, pas encore confirmée."""
    dit = {
        "origine": {"uai": "0750001A", "nom": ecole.etablissement.nom},
        "edite_le": "2026-03-01T08:00:00+01:00",
    }
    dit |= {"format": FORMAT, "version": VERSION, "situations": [], "portfolio": []}
    diplome = {"code": "X", "version": "1"}
    promotion = {"nom": "P", "diplome": diplome, "grille": "1", "option": "", "session": 2026}
    dit["eleve"] = {"nom": "VENU", "prenom": "Alix", "ine": None, "naissance": None, "numero_candidat": ""}
    dit["eleve"] |= {"promotion": promotion, "option": "", "statut": None}
    octets = ecrire({DONNEES: json.dumps(dit).encode()}, cle_de_signature())
    par = ecole.administrateur
    return [deposer(octets, empreinte_de_la_cle(), ecole.etablissement, par, timezone.now()).pk]


def venu(ecole: Ecole) -> list[object]:
    transfert(ecole)
    return [ecole.eleves[0].pk]


def passage(ecole: Ecole) -> list[object]:
    """Un changement d'année où rien n'a été écrit."""
    annee, _ = AnneeScolaire.objects.get_or_create(debut=ecole.promotion.session)
    fait = {"par": ecole.administrateur, "fait_le": timezone.now()}
    return [PassageDAnnee.objects.create(etablissement=ecole.etablissement, vers=annee, **fait).pk]


def promotion(ecole: Ecole) -> list[object]:
    return [ecole.promotion.pk]


def scolarite(ecole: Ecole) -> list[object]:
    return [Scolarite.objects.get(eleve=ecole.eleves[1]).pk]


def compte(ecole: Ecole) -> list[object]:
    return [ecole.etablissement.pk, ecole.collegue.pk]


def commission(ecole: Ecole) -> list[object]:
    return [ecole.commission.pk]


def lot(ecole: Ecole) -> list[object]:
    """Un lot tiré : chaque document porte le nom de l’établissement."""
    demande = demander_un_lot(ecole.commission, "grilles", ecole.president)
    for attendu in demande.tirages.exclude(etat=Tirage.Etat.ECARTE):
        Tirage.objects.commencer(attendu.pk).rendre(pdf_de(ecole.etablissement.nom))
    return [demande.pk]


def session(ecole: Ecole) -> list[object]:
    return [ecole.etablissement.pk, ecole.promotion.session]


def reunion(ecole: Ecole) -> list[object]:
    return [factories.reunion(ecole.commission).pk]


def dossier(ecole: Ecole) -> list[object]:
    return [ecole.dossiers[0].pk]


def version_figee(ecole: Ecole) -> list[object]:
    """Une version de la grille telle qu’elle est, sans rien exiger d’elle."""
    dossier = ecole.dossiers[0]
    dossier.figer(dossier_lu(dossier).grille.vers_json(), ecole.president, timezone.now())
    return [dossier.pk, 1]


def acces_jury(ecole: Ecole) -> list[object]:
    """Un accès ouvert à une personne du jury."""
    jusque = timezone.now() + timedelta(days=1)
    nom = f"Jury de {ecole.etablissement.nom}"
    lien = AccesJury.creer(ecole.commission, nom, ecole.president, timezone.now(), jusque)
    return [lien.acces.pk]


def candidat(ecole: Ecole) -> list[object]:
    return [ecole.commission.pk, ecole.dossiers[0].pk]


def preuve_citee(ecole: Ecole) -> list[object]:
    lettre = ecole.etablissement.nom.replace("Lycée ", "")
    citee = factories.trace(ecole.situation, ecole.eleves[0], pdf_de(lettre), au_dossier=True)
    return [ecole.dossiers[0].pk, citee.pk]


def decision(ecole: Ecole) -> list[object]:
    return [ecole.dossiers[0].pk, "C1"]


def referentiel(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id]


def option(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id, "USI"]


def appui(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id, "C1"]


def du_catalogue(ecole: Ecole) -> list[object]:
    return ["plp"]


def notion(ecole: Ecole) -> list[object]:
    return [ecole.promotion.referentiel_id, "savoirs"]


def import_note(ecole: Ecole) -> list[object]:
    diplome = ecole.promotion.referentiel
    note = {"code": diplome.code, "version": diplome.version, "origine": "fichier", "fichier": "{}"}
    return [ImportReferentiel.objects.create(referentiel=diplome, **note).pk]


@dataclass(frozen=True)
class Adresse:
    """Réponses attendues, dans l’ordre de `ROLES` ; `arguments` désigne un objet d’un établissement. Une
    sixième réponse est celle de l’inspecteur, à qui tout est refusé sinon.

    `commun` : le même pour tous les établissements ; `partage` : entre tous les enseignants du sien.
    """

    nom: str
    methode: str
    reponses: str
    arguments: Arguments | None = None
    commun: bool = False
    partage: bool = False

    def __str__(self) -> str:
        return f"{self.methode} {self.nom}"

    @property
    def attendues(self) -> dict[Role, int]:
        reponses = [*map(int, self.reponses.split()), 403]
        return dict(zip(ROLES, reponses[: len(ROLES)], strict=True))


def invitation(ecole: Ecole) -> list[object]:
    """Celle que reçoit l'enseignant, dans son propre établissement comme dans un autre."""
    return [
        Invitation.objects.create(
            etablissement=ecole.etablissement,
            utilisateur=ecole.enseignant,
            roles=["membre"],
            par=ecole.administrateur,
        ).pk
    ]


def cle(ecole: Ecole) -> list[object]:
    """Une clé d'accès qui n'est à personne : avant tout, on redemande qui l'on est."""
    return [ecole.etablissement.pk]


def jeton(ecole: Ecole) -> list[object]:
    """Celui de l'enseignant : nul autre n'en sait rien."""
    neuf = Jeton.creer(ecole.enseignant, Jeton.Usage.CALENDRIER, "Agenda", timezone.now())
    return [neuf.jeton.pk]


def responsable(ecole: Ecole) -> list[object]:
    compte = factories.utilisateur(nom=f"Famille {ecole.promotion}")
    return [Responsable.objects.create(compte=compte, eleve=ecole.eleves[1]).pk]


def sequence(ecole: Ecole) -> list[object]:
    return [factories.sequence(ecole.classe, ecole.enseignant, intitule=f"Séquence {ecole.promotion}").pk]


def pfmp_prevue(ecole: Ecole) -> list[object]:
    return [factories.pfmp_prevue(ecole.promotion).pk]


def sans_cours(ecole: Ecole) -> list[object]:
    return [ecole.promotion.pk, factories.sans_cours(ecole.etablissement).pk]


def detaillee(ecole: Ecole) -> list[object]:
    diplome = ecole.promotion.referentiel
    return [ecole.classe.pk, diplome.competences.get(code="C1").detaillees.get(code="C1.1").pk]


A = Adresse
#                                                       admin ens éle mem pré (ins)
TABLE = [
    A("accueil", "get", "200 200 200 200 200 302"),
    A("chercher", "get", "200 200 200 200 200 200"),
    A("compteurs", "get", "200 200 200 200 200 200"),
    A("nouveautes", "get", "200 200 200 200 200 200"),
    A("avis", "get", "200 200 200 200 200 200"),
    A("avis", "post", "302 302 302 302 302 302"),
    A("abonnements", "get", "200 200 200 200 200"),
    A("abonnements", "post", "422 422 422 422 422"),
    A("jeton-retrait", "post", "404 302 404 404 404", jeton),
    A("jetons", "get", "200 200 403 403 403"),
    A("jetons", "post", "422 422 403 403 403"),
    A("mot-de-passe", "get", "200 200 200 200 200 200"),
    A("mot-de-passe-change", "get", "200 200 200 200 200 200"),
    A("sessions", "get", "200 200 200 200 200 200"),
    A("account_reauthenticate", "get", "200 200 200 200 200 200"),
    A("mfa_reauthenticate", "get", "302 302 302 302 302 302"),
    A("mfa_reauthenticate_webauthn", "get", "302 302 302 302 302 302"),
    A("mfa_index", "get", "200 200 200 200 200 200"),
    A("mfa_activate_totp", "get", "302 302 302 302 302 302"),
    A("mfa_deactivate_totp", "get", "404 404 404 404 404 404"),
    A("mfa_add_webauthn", "get", "302 302 302 302 302 302"),
    A("mfa_remove_webauthn", "post", "302 302 302 302 302 302", cle, commun=True),
    A("mfa_view_recovery_codes", "get", "404 404 404 404 404 404"),
    A("mfa_generate_recovery_codes", "get", "302 302 302 302 302 302"),
    A("referentiel:liste", "get", "200 200 200 200 200 200"),
    A("referentiel:detail", "get", "200 200 200 200 200 200", option, commun=True),
    A("referentiel:matrice", "get", "200 200 200 200 200 200", option, commun=True),
    A("referentiel:poids", "get", "200 200 200 200 200 200", option, commun=True),
    A("referentiel:identite", "get", "200 200 200 200 200 200", option, commun=True),
    A("referentiel:exporter", "get", "200 200 200 200 200 200", referentiel, commun=True),
    A("livret:changement-de-promotion", "get", "200 403 403 403 403", promotion),
    A("livret:changement-de-promotion", "post", "422 403 403 403 403", promotion),
    A("certification:mise-en-service", "get", "200 403 403 403 403", promotion),
    A("certification:mise-en-service", "post", "422 403 403 403 403", promotion),
    A("certification:mise-en-service-retour", "post", "302 403 403 403 403", promotion),
    A("referentiel:importer", "get", "200 403 403 403 403"),
    A("referentiel:importer-confirmer", "post", "302 403 403 403 403"),
    A("referentiel:imports", "get", "200 403 403 403 403"),
    A("referentiel:import", "get", "200 403 403 403 403", import_note, commun=True),
    A("referentiel:import-fichier", "get", "200 403 403 403 403", import_note, commun=True),
    A("referentiel:import-revenir", "post", "302 403 403 403 403", import_note, commun=True),
    A("referentiel:exporter-classeur", "get", "200 200 200 200 200 200", referentiel, commun=True),
    A("referentiel:exporter-moodle", "get", "200 200 200 200 200 200", referentiel, commun=True),
    A("referentiel:appui", "get", "200 200 200 200 200 200", appui, commun=True),
    A("referentiel:choisir", "post", "200 403 403 403 403", du_catalogue, commun=True),
    A("referentiel:modele", "get", "200 403 403 403 403"),
    A("referentiel:modifier", "get", "200 403 403 403 403", referentiel, commun=True),
    A("referentiel:composer", "get", "200 403 403 403 403", referentiel, commun=True),
    A("referentiel:modifier-diplome", "get", "200 403 403 403 403", referentiel, commun=True),
    A("referentiel:modifier-notion", "get", "200 403 403 403 403", notion, commun=True),
    A("livret:classes", "get", "200 200 403 403 403"),
    A("livret:classe", "get", "200 200 403 403 403", classe),
    A("livret:photos", "get", "200 200 403 403 403", classe_a_photos),
    A("livret:photos", "post", "302 302 403 403 403", classe_a_photos),
    A("livret:photo", "get", "200 200 403 403 403", eleve_a_photo),
    A("livret:situations", "get", "200 200 403 403 403", classe),
    A("livret:echanges", "get", "200 200 403 403 403", classe),
    A("livret:classe-xlsx", "get", "200 200 403 403 403", classe),
    A("livret:classe-csv", "get", "200 200 403 403 403", classe),
    A("echanges", "get", "200 403 403 403 403", etablissement),
    A("etablissement-zip", "get", "200 403 403 403 403", etablissement),
    A("livret:groupes", "get", "200 200 403 403 403", classe),
    A("livret:groupe-create", "post", "200 200 403 403 403", classe),
    A("livret:groupes-repartir", "post", "200 200 403 403 403", classe),
    A("livret:groupe-update", "get", "200 200 403 403 403", groupe),
    A("livret:groupe-retrait", "post", "302 302 403 403 403", groupe),
    A("livret:situation-create", "get", "403 200 403 403 403", classe),
    A("livret:situation-volee", "get", "403 200 403 403 403", classe),
    A("livret:couverture", "get", "200 200 403 403 403", classe),
    A("livret:couverture-detaillee", "get", "200 200 403 403 403", detaillee),
    A("livret:echelle", "get", "200 200 403 200 200", promotion),
    A("livret:echelle-enregistrer", "post", "403 302 403 403 403", promotion),
    A("livret:echelle-pdf", "get", "200 200 403 200 200", promotion),
    A("livret:echelle-xlsx", "get", "200 200 403 200 200", promotion),
    A("livret:progression", "get", "200 200 403 403 403", promotion),
    A("livret:progression-pdf", "get", "200 200 403 403 403", promotion),
    A("livret:sequence-create", "get", "403 200 403 403 403", promotion),
    A("livret:sequence", "get", "200 200 403 403 403", sequence),
    A("livret:sequence-update", "get", "403 200 403 403 403", sequence),
    A("livret:sequence-poser", "post", "403 302 403 403 403", sequence),
    A("livret:sequence-retrait", "post", "403 302 403 403 403", sequence),
    A("livret:pfmp-prevue-create", "post", "403 422 403 403 403", promotion),
    A("livret:pfmp-prevue-delete", "post", "403 302 403 403 403", pfmp_prevue),
    A("livret:sans-cours-create", "post", "403 422 403 403 403", promotion),
    A("livret:sans-cours-delete", "post", "403 302 403 403 403", sans_cours),
    A("livret:situation", "get", "200 200 403 403 403", situation),
    A("livret:situation-update", "get", "403 200 403 403 403", situation),
    A("livret:situation-duplicate", "get", "403 200 403 403 403", situation),
    A("livret:situation-delete", "get", "403 409 403 403 403", situation),
    A("livret:situation-etat", "post", "403 302 403 403 403", situation),
    A("livret:situation-retenue", "post", "403 302 403 403 403", situation),
    A("livret:modele-create", "post", "403 302 403 403 403", situation),
    A("livret:modeles", "get", "403 200 403 403 403"),
    A("livret:modele", "get", "403 200 403 403 403", modele, partage=True),
    A("livret:modele-retrait", "post", "403 302 403 403 403", modele, partage=True),
    A("livret:postes", "get", "403 200 403 403 403", situation),
    A("livret:poste-create", "get", "403 200 403 403 403", situation),
    A("livret:postes-copier", "post", "403 200 403 403 403", situation),
    A("livret:poste-update", "get", "403 200 403 403 403", poste),
    A("livret:poste-delete", "post", "403 302 403 403 403", poste),
    A("livret:piece-create", "post", "403 200 403 403 403", situation),
    A("livret:piece", "get", "200 200 403 403 403", piece),
    A("livret:piece-delete", "post", "403 302 403 403 403", piece),
    A("livret:grille", "get", "200 200 403 403 403", situation),
    A("livret:operations", "post", "403 400 403 403 403", situation),
    A("livret:trace-create", "get", "200 200 403 403 403", fiche),
    A("livret:trace", "get", "200 200 200 200 200", trace),
    A("livret:trace-miniature", "get", "200 200 200 200 200", photo),
    A("livret:trace-dossier", "post", "403 302 403 403 403", trace),
    A("livret:trace-retrait", "post", "403 302 403 403 403", trace),
    A("livret:phrases", "get", "403 200 403 403 403"),
    A("livret:phrase", "post", "403 302 403 403 403", phrase),
    A("livret:eleve", "get", "200 200 200 200 200", eleve),
    A("livret:eleve-pdf", "get", "200 200 200 200 200", eleve),
    A("livret:fiche-tuteur", "get", "200 200 403 200 200", fiche_tuteur),
    A("livret:fiche-tuteur-lien", "post", "200 200 403 403 403", fiche_tuteur),
    A("livret:fiche-tuteur-retrait", "post", "302 302 403 403 403", fiche_tuteur),
    A("livret:fiche-tuteur-saisie", "get", "403 200 403 403 403", fiche_tuteur),
    A("livret:fiche-tuteur-rendre", "post", "403 302 403 403 403", fiche_tuteur),
    A("livret:fiche-tuteur-validation", "post", "403 422 403 403 403", fiche_tuteur),
    A("livret:fiche-tuteur-pdf", "get", "200 200 403 200 200", fiche_tuteur),
    A("livret:fiche-tuteur-scan", "get", "200 200 403 200 200", fiche_papier),
    A("livret:periode-tuteurs", "get", "200 200 403 403 403", periode),
    A("livret:mon-livret", "get", "404 404 200 404 404"),
    A("livret:bilans", "get", "200 200 403 403 403", classe),
    A("livret:bilans-preparer", "post", "403 422 403 403 403", classe),
    A("livret:bilans-prepares", "post", "403 302 403 403 403", classe),
    A("livret:bilans-pdf", "get", "200 200 403 403 403", classe_aux_bilans),
    A("livret:bilans-zip", "get", "200 200 403 403 403", classe_aux_bilans),
    A("livret:bilan", "get", "200 200 200 200 200", bilan),
    A("livret:bilan-pdf", "get", "200 200 200 200 200", bilan),
    A("livret:bilan-update", "post", "403 409 403 403 403", bilan),
    A("livret:bilan-corriger", "post", "403 422 403 403 403", bilan),
    A("livret:bilan-delete", "post", "403 409 403 403 403", bilan),
    A("livret:mes-bilans", "get", "403 403 200 403 403"),
    A("livret:mes-mots", "post", "403 403 409 403 403", bilan),
    A("livret:a-prouver", "get", "200 200 200 200 200", eleve),
    A("livret:demande-create", "post", "403 403 302 403 403", eleve),
    A("livret:demande-delete", "post", "403 403 302 403 403", demande),
    A("livret:demande-repondre", "post", "403 302 403 403 403", demande),
    A("livret:autoevaluation", "get", "403 403 200 403 403", eleve),
    A("livret:portfolio", "get", "200 200 200 200 200", eleve),
    A("livret:portfolio-update", "get", "403 403 200 403 403", trace_d_eleve),
    A("livret:portfolio-dossier", "post", "403 403 302 403 403", trace_d_eleve),
    A("livret:portfolio-retrait", "post", "403 403 302 403 403", trace_d_eleve),
    A("livret:portfolio-effacer", "post", "302 302 302 403 403", trace_retiree),
    A("livret:eleve-archive", "get", "200 403 200 403 403", eleve),
    A("livret:eleve-pfmp", "get", "200 200 200 200 200", eleve),
    A("livret:classe-pfmp", "get", "200 200 403 403 403", classe),
    A("livret:periode-create", "get", "200 200 403 403 403", classe),
    A("livret:periode-update", "get", "200 200 403 403 403", periode),
    A("livret:periode-relances", "post", "200 200 403 403 403", periode),
    A("livret:periode-annexes", "get", "200 200 403 403 403", periode),
    A("livret:periode-attestations", "get", "200 200 403 403 403", periode),
    A("livret:pfmp", "get", "200 200 200 200 200", pfmp),
    A("livret:pfmp-etat", "post", "302 302 403 403 403", pfmp),
    A("livret:annexe", "get", "200 200 403 403 403", pfmp),
    A("livret:annexe-pdf", "get", "200 200 200 200 200", pfmp),
    A("livret:attestation-pdf", "get", "200 200 403 403 403", pfmp),
    A("livret:sejour-create", "get", "200 200 403 403 403", pfmp),
    A("livret:sejour-update", "get", "200 200 403 403 403", sejour),
    A("livret:sejour-delete", "post", "302 302 403 403 403", sejour),
    A("livret:absence-create", "get", "200 200 403 403 403", pfmp),
    A("livret:absence-update", "get", "200 200 403 403 403", absence),
    A("livret:absence-delete", "post", "302 302 403 403 403", absence),
    A("livret:visite-create", "get", "200 200 403 403 403", pfmp),
    A("livret:visite-update", "get", "200 200 403 403 403", visite),
    A("livret:visite-delete", "post", "302 302 403 403 403", visite),
    A("livret:entreprises", "get", "200 200 403 403 403"),
    A("livret:entreprise-create", "get", "200 200 403 403 403"),
    A("livret:entreprise", "get", "200 200 403 403 403", entreprise),
    A("livret:entreprise-update", "get", "200 200 403 403 403", entreprise),
    A("livret:tuteur-create", "get", "200 200 403 403 403", entreprise),
    A("livret:tuteur-update", "get", "200 200 403 403 403", tuteur),
    A("livret:administration", "get", "302 403 403 403 403"),
    A("livret:ouverture-etablissement", "get", "403 403 403 403 403"),
    A("livret:eleve-fusion", "get", "200 403 403 403 403", eleve),
    A("livret:transfert-depart", "get", "200 403 403 403 403", eleve),
    A("livret:transfert-arrivee", "get", "200 403 403 403 403", etablissement),
    A("livret:transfert-archive", "get", "200 403 403 403 403", transfert),
    A("livret:transfert-apercu", "get", "200 403 403 403 403", depot),
    A("livret:transfert-ecarter", "post", "302 403 403 403 403", depot),
    A("livret:eleve-recus", "get", "200 200 200 200 200", venu),
    A("livret:rentree", "get", "200 403 403 403 403", etablissement),
    A("livret:famille", "get", "403 403 403 403 403"),
    A("livret:enfant", "get", "403 403 403 403 403", eleve),
    A("livret:enfant-pdf", "get", "403 403 403 403 403", eleve),
    A("livret:enfant-bilan", "get", "403 403 403 403 403", bilan),
    A("livret:enfant-bilan-pdf", "get", "403 403 403 403 403", bilan),
    A("livret:enfant-bilan", "post", "403 403 403 403 403", bilan),
    A("livret:responsables", "get", "200 403 403 403 403", eleve),
    A("livret:responsables", "post", "200 403 403 403 403", eleve),
    A("livret:responsable-retrait", "post", "302 403 403 403 403", responsable),
    A("livret:rentree-annuler", "post", "302 403 403 403 403", passage),
    A("livret:ouverture", "get", "200 403 403 403 403", etablissement),
    A("livret:ouverture-classes", "get", "200 403 403 403 403", etablissement),
    A("livret:ouverture-eleves", "get", "200 403 403 403 403", etablissement),
    A("livret:ouverture-pfmp", "get", "200 403 403 403 403", etablissement),
    A("livret:ouverture-equipes", "get", "200 403 403 403 403", etablissement),
    A("livret:etablissement", "get", "200 403 403 403 403", etablissement),
    A("livret:etablissement-update", "get", "200 403 403 403 403", etablissement),
    A("livret:logo", "get", "200 403 403 403 403", etablissement),
    A("livret:annee-create", "post", "200 403 403 403 403", etablissement),
    A("livret:promotions", "get", "200 403 403 403 403", etablissement),
    A("livret:promotion-create", "get", "200 403 403 403 403", etablissement),
    A("livret:promotion-update", "get", "200 403 403 403 403", promotion),
    A("livret:promotion-delete", "post", "409 403 403 403 403", promotion),
    A("livret:classe-create", "get", "200 403 403 403 403", etablissement),
    A("livret:classe-effectif", "get", "200 403 403 403 403", classe),
    A("livret:classe-update", "get", "200 403 403 403 403", classe),
    A("livret:classe-delete", "post", "409 403 403 403 403", classe),
    A("livret:classe-inscrire", "post", "200 403 403 403 403", classe),
    A("livret:classe-comptes", "get", "200 403 403 403 403", classe),
    A("livret:eleves-import", "get", "200 403 403 403 403", classe),
    A("livret:eleves-import-apercu", "post", "302 403 403 403 403", classe),
    A("livret:eleve-create", "get", "200 403 403 403 403", classe),
    A("livret:eleves", "get", "200 403 403 403 403", etablissement),
    A("livret:eleve-parcours", "get", "200 403 403 403 403", eleve),
    A("livret:eleve-update", "get", "200 403 403 403 403", eleve),
    A("livret:eleve-delete", "post", "409 403 403 403 403", eleve),
    A("livret:scolarite-sortie", "post", "200 403 403 403 403", scolarite),
    A("livret:scolarite-retour", "post", "302 403 403 403 403", scolarite),
    A("livret:scolarite-delete", "post", "409 403 403 403 403", scolarite),
    A("livret:comptes", "get", "200 403 403 403 403", etablissement),
    A("livret:enseignants-import", "get", "200 403 403 403 403", etablissement),
    A("livret:enseignants-import-apercu", "post", "302 403 403 403 403", etablissement),
    A("livret:compte-create", "get", "200 403 403 403 403", etablissement),
    A("livret:compte-rattacher", "post", "200 403 403 403 403", etablissement),
    A("livret:compte", "get", "200 403 403 403 403", compte),
    A("livret:compte-identite", "get", "200 403 403 403 403", compte),
    A("livret:compte-mot-de-passe", "post", "200 403 403 403 403", compte),
    A("livret:invitation", "post", "404 302 404 404 404 404", invitation),
    A("livret:compte-second-facteur", "post", "302 403 403 403 403", compte),
    A("livret:compte-activite", "post", "302 403 403 403 403", compte),
    A("conservation", "get", "200 403 403 403 403", etablissement),
    A("conservation", "post", "200 403 403 403 403", etablissement),
    A("journal", "get", "200 403 403 403 403", etablissement),
    A("mon-journal", "get", "200 200 200 200 200 200"),
    A("donnees-eleve", "get", "200 403 403 403 403", eleve),
    A("donnees-compte", "get", "200 403 403 403 403", compte),
    A("donnees-tuteur", "get", "200 403 403 403 403", tuteur),
    A("certification:commissions", "get", "200 403 403 200 200"),
    A("certification:cockpit", "get", "200 403 403 200 200", session),
    A("certification:harmonisation", "get", "200 403 403 200 200", session),
    A("certification:reunion", "get", "200 403 403 200 200", reunion),
    A("certification:archive-relire", "get", "200 403 403 200 200"),
    A("certification:commission-create", "get", "200 403 403 403 200"),
    A("certification:commission", "get", "200 403 403 200 200", commission),
    A("certification:commission-update", "get", "200 403 403 403 200", commission),
    A("certification:commission-candidats", "get", "200 403 403 403 200", commission),
    A("certification:commission-delete", "get", "200 403 403 403 200", commission),
    A("certification:commission-cloture", "get", "200 403 403 403 200", commission),
    A("certification:deplacement", "get", "200 403 403 403 200", candidat),
    A("certification:figer-tous", "post", "403 403 403 403 302", commission),
    A("certification:lot-create", "post", "302 403 403 302 302", commission),
    A("certification:lot", "get", "200 403 403 200 200", lot),
    A("certification:lot-retrait", "post", "302 403 403 302 302", lot),
    A("certification:lot-fichier", "get", "200 403 403 200 200", lot),
    A("certification:lot-zip", "get", "200 403 403 200 200", lot),
    A("certification:cyclades", "get", "200 403 403 403 200", session),
    A("certification:cyclades", "post", "200 403 403 403 200", session),
    A("certification:lsl", "get", "200 200 403 403 200", classe),
    A("certification:lsl", "post", "200 200 403 403 200", classe),
    A("certification:classeur", "get", "200 403 403 200 200", commission),
    A("certification:dossier", "get", "200 403 403 200 200", dossier),
    A("certification:fil", "get", "200 403 403 200 200", dossier),
    A("certification:decision", "post", "403 403 403 302 302", decision),
    A("certification:acceptation", "post", "403 403 403 409 409", dossier),
    A("certification:proposition", "post", "403 403 403 422 422", dossier),
    A("certification:observations", "post", "403 403 403 302 302", dossier),
    A("certification:confirmer", "post", "403 403 403 409 409", decision),
    A("certification:situation-candidat", "post", "409 403 403 409 409", dossier),
    A("certification:figer", "post", "403 403 403 403 409", dossier),
    A("certification:rouvrir", "post", "403 403 403 403 422", dossier),
    A("certification:preuve", "get", "200 403 403 200 200", preuve_citee),
    A("certification:origine", "get", "200 403 403 200 200", dossier),
    A("certification:origine-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:version", "get", "200 403 403 200 200", version_figee),
    A("certification:version-grille", "get", "200 403 403 200 200", version_figee),
    A("certification:version-dossier", "get", "200 403 403 200 200", version_figee),
    A("certification:grille-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:dossier-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:bilan-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:synthese-pdf", "get", "200 403 403 200 200", dossier),
    A("certification:proces-verbal", "get", "200 403 403 200 200", commission),
    A("certification:bordereau", "get", "200 403 403 200 200", commission),
    A("certification:convocations", "get", "200 403 403 403 200", commission),
    A("certification:reunion-proces-verbal", "get", "200 403 403 200 200", reunion),
    A("certification:reunion-bordereau", "get", "200 403 403 200 200", reunion),
    A("certification:reunion-convocations", "get", "200 403 403 403 200", reunion),
    A("certification:inspection", "get", "403 403 403 403 403 200"),
    A("certification:inspection-situations", "get", "403 403 403 403 403 200", session),
    A("certification:inspection-pdf", "get", "403 403 403 403 403 200", session),
    A("certification:jury-acces", "get", "403 403 403 403 200", commission),
    A("certification:jury-retrait", "post", "403 403 403 403 302", acces_jury),
    A("certification:grille-xlsx", "get", "200 403 403 200 200", dossier),
]
PUBLIQUES = {
    "calendrier",  # le secret de l'adresse est tout le droit
    "referentiel:case-association",
    "referentiel:case-associations",
    "referentiel:case-document",
    "referentiel:case-documents",
    "referentiel:case-element",
    "referentiel:case-paquet",
    "referentiel:case-type",
    "certification:jury",  # le secret de l'adresse est tout le droit, ici et pour ses documents
    "certification:jury-archive",
    "certification:jury-dossier",
    "certification:jury-grille",
    "certification:verifier",
    "avis-arreter",  # la signature de l'adresse ne permet que de couper l'avis de qui l'a reçu
    "accessibilite",
    "charte",  # 404 hors développement
    "donnees",
    "manifeste",
    "mentions",
    "account_login",  # le nom que django-allauth donne à la page de connexion
    "bienvenue",  # le secret d'une invitation est tout le droit : choisir son mot de passe, une fois
    "connexion",
    "couleurs",  # une couleur, rien de personne
    "mfa_authenticate",  # entre le mot de passe et la session : le second facteur de qui vient de le taper
    "mfa_login_webauthn",  # une clé d'accès à la place du mot de passe
    "deconnexion",
    "hors-ligne",
    "mot-de-passe-oublie",
    "mot-de-passe-envoye",
    "mot-de-passe-nouveau",
    "sante",
    "service-worker",
    "livret:aide",
    "livret:ouverture-installation",  # sans compte, le code du serveur ; avec, elle mène à la connexion
    "livret:ouverture-restaurer",  # sans compte, après le code du serveur ; avec, elle mène à la connexion
    "livret:tuteur-code",  # taper le code d'un lien : essais comptés
    "livret:tuteur-fiche",  # le secret de l'adresse est tout le droit, ici et pour la fiche signée
    "livret:tuteur-fiche-pdf",
}


def adresses(motifs: list[URLPattern | URLResolver], espace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for motif in motifs:
        if isinstance(motif, URLPattern):
            yield f"{espace}{motif.name}", motif
        elif str(motif.pattern) not in TECHNIQUE:
            prefixe = f"{motif.namespace}:" if motif.namespace else ""
            yield from adresses(motif.url_patterns, espace + prefixe)


TOUTES = dict(adresses(get_resolver().url_patterns))


def texte(reponse: HttpResponse) -> str:
    """Tout ce qu’une réponse donne à lire, PDF, classeurs et archives compris."""
    return texte_de(reponse.getvalue(), reponse.headers.get("Content-Type", ""))


def texte_de(contenu: bytes, nature: str) -> str:
    if "pdf" in nature:
        lu = PdfReader(BytesIO(contenu))
        return "\n".join([str(lu.metadata), *(page.extract_text() for page in lu.pages)])
    if "zip" in nature:
        archive = ZipFile(BytesIO(contenu))
        return "\n".join(texte_de(archive.read(nom), nom) for nom in archive.namelist()) + str(
            archive.namelist()
        )
    if "spreadsheet" in nature or nature.endswith("xlsx"):
        classeur = load_workbook(BytesIO(contenu))
        return "\n".join(
            str(valeur)
            for feuille in classeur
            for ligne in feuille.iter_rows(values_only=True)
            for valeur in ligne
        )
    return contenu.decode(errors="replace")


@dataclass(frozen=True)
class Essai:
    """Une adresse chez A et chez B ; ce qu’elle demande n’est bâti qu’une fois pour tous les essais."""

    monde: Monde
    sessions: Sessions
    adresse: Adresse
    ici: str
    ailleurs: str

    @classmethod
    def de(cls, monde: Monde, sessions: Sessions, adresse: Adresse) -> "Essai":
        batir = adresse.arguments or (lambda ecole: [])
        ici, ailleurs = (reverse(adresse.nom, args=batir(ecole)) for ecole in (monde.a, monde.b))
        return cls(monde, sessions, adresse, ici, ailleurs)

    def entrer(self, client: Client, compte: Utilisateur) -> None:
        client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[compte.pk]

    def demander(self, client: Client, chemin: str) -> HttpResponse:
        return getattr(client, self.adresse.methode)(chemin)


def test_la_table_est_complete() -> None:
    assert {adresse.nom for adresse in TABLE} | PUBLIQUES == set(TOUTES)


@pytest.mark.parametrize("nom", sorted(TOUTES))
def test_chaque_vue_dit_qui_peut_l_ouvrir(nom: str) -> None:
    """Fermé par défaut : une vue nomme ses actions, ou se déclare publique."""
    vue = TOUTES[nom].callback
    assert getattr(vue, "public", False) == (nom in PUBLIQUES)
    assert hasattr(vue, "actions") or nom in PUBLIQUES


@contextmanager
def sans_suite() -> Iterator[Client]:
    """Un client, et tout ce qui s’écrit ici défait : le monde se retrouve tel qu’il était."""
    with sans_mise_en_page(), transaction.atomic():
        yield Client()
        transaction.set_rollback(True)


@pytest.mark.parametrize("adresse", TABLE, ids=str)
def test_adresse(monde: Monde, sessions: Sessions, adresse: Adresse) -> None:
    """Une adresse, pour tous : le monde n’est bâti qu’une fois."""
    essais = [sans_session_on_va_a_la_connexion]
    essais += [partial(chacun_recoit_ce_que_dit_la_table, role=role) for role in ROLES]
    if adresse.arguments and adresse.attendues[Role.ENSEIGNANT] != 403:
        essais.append(un_collegue_hors_de_l_equipe_ne_voit_pas_la_classe)
    if adresse.arguments is eleve:
        essais.append(un_eleve_ne_voit_que_lui)
    if adresse.arguments and not adresse.commun and adresse.attendues[Role.ADMINISTRATEUR] != 403:
        essais.append(un_role_tenu_ici_n_ouvre_rien_la)
    with sans_suite():
        essai = Essai.de(monde, sessions, adresse)
        for eprouver in essais:
            with sans_suite() as client:
                eprouver(client, essai)


# Ce qu'un responsable légal ouvre de plus que toute personne connectée.
DE_LA_FAMILLE = {
    "get accueil": 302,
    "get livret:famille": 200,
    "get livret:enfant": 200,
    "get livret:enfant-pdf": 200,
    "get livret:enfant-bilan": 200,
    "get livret:enfant-bilan-pdf": 200,
    "post livret:enfant-bilan": 302,
    "post livret:invitation": 404,
}


@pytest.mark.parametrize("adresse", TABLE, ids=str)
def test_un_responsable_n_ouvre_que_son_enfant(monde: Monde, sessions: Sessions, adresse: Adresse) -> None:
    """Ce qui est à toute personne connectée, et son enfant ; rien d'un autre élève ni d'un autre lieu."""
    memes = set(adresse.attendues.values())
    attendue = DE_LA_FAMILLE.get(str(adresse), memes.pop() if len(memes) == 1 else 403)
    with sans_suite() as client:
        essai = Essai.de(monde, sessions, adresse)
        essai.entrer(client, parent_de(monde.a))
        ici = essai.demander(client, essai.ici)
        assert ici.status_code == attendue
        assert INTRUS not in texte(ici)
        if attendue in (200, 302) and str(adresse) in DE_LA_FAMILLE and adresse.arguments:
            ailleurs = essai.demander(client, essai.ailleurs)
            assert (ailleurs.status_code, INTRUS in texte(ailleurs)) == (404, False)


def sans_session_on_va_a_la_connexion(client: Client, essai: Essai) -> None:
    reponse = essai.demander(client, essai.ici)
    assert reponse.status_code == 302
    assert reponse.headers["Location"].startswith(reverse("connexion"))


def chacun_recoit_ce_que_dit_la_table(client: Client, essai: Essai, role: Role) -> None:
    """Chez soi : la réponse de la table, sans rien de l’autre établissement. Ailleurs : rien."""
    essai.entrer(client, essai.monde.a.comptes[role])
    attendue = essai.adresse.attendues[role]

    ici = essai.demander(client, essai.ici)
    assert (role, ici.status_code) == (role, attendue)
    assert INTRUS not in texte(ici)

    if essai.adresse.arguments and not essai.adresse.commun:
        ailleurs = essai.demander(client, essai.ailleurs)
        assert (role, ailleurs.status_code) == (role, 403 if attendue == 403 else 404)
        assert INTRUS not in texte(ailleurs)


def un_collegue_hors_de_l_equipe_ne_voit_pas_la_classe(client: Client, essai: Essai) -> None:
    essai.entrer(client, essai.monde.a.collegue)
    attendue = (
        essai.adresse.attendues[Role.ENSEIGNANT] if essai.adresse.commun or essai.adresse.partage else 404
    )
    assert essai.demander(client, essai.ici).status_code == attendue


def un_eleve_ne_voit_que_lui(client: Client, essai: Essai) -> None:
    essai.entrer(client, essai.monde.a.compte_eleve)
    autre = getattr(client, essai.adresse.methode)(
        reverse(essai.adresse.nom, args=[essai.monde.a.eleves[1].pk])
    )
    assert autre.status_code == (403 if essai.adresse.attendues[Role.ELEVE] == 403 else 404)
    assert "Dominique" not in texte(autre)


def un_role_tenu_ici_n_ouvre_rien_la(client: Client, essai: Essai) -> None:
    """Administrateur de A, simple enseignant de B sans classe : B lui reste fermé."""
    Appartenance.objects.create(
        utilisateur=essai.monde.a.administrateur,
        etablissement=essai.monde.b.etablissement,
        role=Role.ENSEIGNANT,
    )
    essai.entrer(client, essai.monde.a.administrateur)
    reponse = essai.demander(client, essai.ailleurs)
    assert reponse.status_code == 404
    assert INTRUS not in texte(reponse)


def test_chaque_action_est_accordee_et_demandee() -> None:
    """Aucune ligne morte dans la table des droits."""
    demandees = {action for motif in TOUTES.values() for action in getattr(motif.callback, "actions", ())}
    assert demandees == set(DROITS) == set(Action)
