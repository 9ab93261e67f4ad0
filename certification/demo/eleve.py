"""Ce que l'élève de démonstration a mis lui-même dans son livret."""

from __future__ import annotations

import datetime
from hashlib import sha256
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from certification.demo.ecole import Ecole
from certification.demo.inscription import heure, inscrire
from certification.demo.personnes import ELEVE_AVEC_COMPTE
from certification.demo.saisies import Catalogue
from livret.models import (
    AutoEvaluation,
    Demande,
    Eleve,
    Situation,
    Trace,
)
from trpm.images import image_propre

# Un chiffre par compétence, C1 à C12 ; « - » : sans réponse.
POINTS = {(-2, 12, 18): "1-01011--11-", (-1, 12, 17): "112111-112-1", (0, 4, 9): "2223222-2222"}
EN_SITUATION = {"C1": 3, "C4": 2, "C5": 2}
DEMANDES = (
    ("C6", 0, 4, 29, ""),
    ("C7", 0, 1, 15, "D’accord : jeudi matin, sur la petite série de corps de vérin."),
)
TEXTE = (
    "Montage en mors doux : j’ai alésé les mors moi-même, puis contrôlé le faux-rond au comparateur, "
    "0,02 mm. C’est la première fois que je le fais sans aide."
)


def remplir_le_livret(ecole: Ecole) -> None:
    eleve = next(eleve for candidat, eleve in ecole.eleves["RSP"] if candidat.nom == ELEVE_AVEC_COMPTE)
    catalogue = Catalogue(ecole, "RSP")
    _autoevaluer(ecole, eleve, catalogue)
    _demander(ecole, eleve, catalogue)
    _deposer(ecole, eleve, catalogue)


def _jour(ecole: Ecole, ecart: int, mois: int, jour: int) -> datetime.date:
    return datetime.date(ecole.session + ecart, mois, jour)


def _autoevaluer(ecole: Ecole, eleve: Eleve, catalogue: Catalogue) -> None:
    for date, chiffres in POINTS.items():
        jour = _jour(ecole, *date)
        points = [
            AutoEvaluation(
                eleve=eleve,
                competence=catalogue.competences[f"C{rang}"],
                niveau=catalogue.niveaux[int(chiffre)],
                date=jour,
            )
            for rang, chiffre in enumerate(chiffres, start=1)
            if chiffre != "-"
        ]
        inscrire(AutoEvaluation, points, heure(jour, 18), eleve.utilisateur)
    situation = (
        Situation.objects.visibles()
        .filter(evaluations__eleve=eleve, evaluations__competence__code="C4", nature="certificative")
        .order_by("fin")
        .first()
    )
    if situation:
        visees = {competence.code for competence in situation.competences_visees()}
        siennes = [
            AutoEvaluation(
                eleve=eleve,
                competence=catalogue.competences[code],
                niveau=catalogue.niveaux[valeur],
                situation=situation,
                date=situation.fin,
            )
            for code, valeur in EN_SITUATION.items()
            if code in visees
        ]
        inscrire(AutoEvaluation, siennes, heure(situation.fin, 19), eleve.utilisateur)


def _demander(ecole: Ecole, eleve: Eleve, catalogue: Catalogue) -> None:
    prof = ecole.comptes["prof"]
    for code, ecart, mois, numero, reponse in DEMANDES:
        jour = _jour(ecole, ecart, mois, numero)
        demande = Demande(
            eleve=eleve,
            classe=ecole.classes["RSP", "Tle"],
            competence=catalogue.competences[code],
            reponse=reponse,
            traitee_le=heure(jour, 20) if reponse else None,
            traitee_par=prof if reponse else None,
        )
        inscrire(Demande, [demande], heure(jour, 12), eleve.utilisateur)
        Demande.objects.filter(pk=demande.pk).update(creee_le=heure(jour, 12))


def _deposer(ecole: Ecole, eleve: Eleve, catalogue: Catalogue) -> None:
    image = image_propre(_photo(), "Contrôle de l’axe.png")
    photo = Trace(
        eleve=eleve,
        auteur=eleve.utilisateur,
        origine=Trace.Origine.ELEVE,
        texte="Contrôle de l’axe épaulé : les trois cotes sont dans l’intervalle.",
        nom="Contrôle de l’axe.png",
        type_mime=image.type_mime,
        taille=len(image.contenu),
        empreinte=sha256(image.contenu).hexdigest(),
        largeur=image.largeur,
        hauteur=image.hauteur,
        fichier=ContentFile(image.contenu, "photo"),
        miniature=ContentFile(image.miniature, "miniature"),
        au_dossier=True,
    )
    mots = Trace(eleve=eleve, auteur=eleve.utilisateur, origine=Trace.Origine.ELEVE, texte=TEXTE)
    for trace, jour, codes in ((photo, (0, 1, 22), ("C10",)), (mots, (0, 3, 5), ("C6", "C7"))):
        trace.save()
        trace.competences.set([catalogue.competences[code] for code in codes])
        Trace.objects.filter(pk=trace.pk).update(creee_le=heure(_jour(ecole, *jour)))


def _photo() -> bytes:
    """Un axe épaulé et ses cotes, dessinés faute d'atelier."""
    image = Image.new("RGB", (960, 640), "#dfe4ea")
    dessin = ImageDraw.Draw(image)
    for gauche, haut, droite, bas in ((140, 250, 380, 390), (380, 200, 640, 440), (640, 270, 820, 370)):
        dessin.rectangle((gauche, haut, droite, bas), fill="#9aa7b5", outline="#3c4654", width=4)
        dessin.line((gauche, bas + 70, droite, bas + 70), fill="#1b4b82", width=3)
    dessin.line((100, 320, 860, 320), fill="#b3261e", width=2)
    sortie = BytesIO()
    image.save(sortie, "PNG")
    return sortie.getvalue()
