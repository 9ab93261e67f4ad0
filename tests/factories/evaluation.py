"""Ce qui est observé, et ce qui le prouve."""

from hashlib import sha256

from django.core.files.base import ContentFile

from livret.models import (
    Eleve,
    Evaluation,
    Fiche,
    Observation,
    Situation,
    Trace,
    Utilisateur,
)
from referentiel.models import Detaillee
from tests.factories.referentiel import niveau
from trpm.impression.images import image_propre


def trace(situation: Situation | None, eleve: Eleve, contenu: bytes = b"", **champs: object) -> Trace:
    """Preuve sur la fiche ; avec `contenu`, un fichier PDF, sauf si `champs` en dit autrement."""
    fichier = {
        "fichier": ContentFile(contenu, "preuve"),
        "nom": "Preuve.pdf",
        "type_mime": "application/pdf",
        "taille": len(contenu),
        "empreinte": sha256(contenu).hexdigest(),
    }
    auteur = situation.auteur if situation else eleve.utilisateur
    commun = {"situation": situation, "eleve": eleve, "auteur": auteur, "origine": Trace.Origine.ENSEIGNANT}
    return Trace.objects.create(**commun | (fichier if contenu else {"texte": "Vu à l’atelier."}) | champs)


def photo(situation: Situation | None, eleve: Eleve, contenu: bytes, **champs: object) -> Trace:
    """Preuve en image, redessinée comme le fait le site."""
    image = image_propre(contenu, "photo.jpg")
    dessin = {
        "miniature": ContentFile(image.miniature, "miniature"),
        "nom": "photo.jpg",
        "type_mime": image.type_mime,
        "largeur": image.largeur,
        "hauteur": image.hauteur,
    }
    return trace(situation, eleve, image.contenu, **dessin | champs)


def evaluation(
    situation: Situation,
    eleve: Eleve,
    competence: str,
    valeur: int | None = None,
    mention: str = "",
    auteur: Utilisateur | None = None,
) -> Evaluation:
    """Niveau d'une compétence, par code ; sans `valeur`, donner une `mention`."""
    diplome = situation.classe.promotion.referentiel
    return Evaluation.objects.create(
        situation=situation,
        eleve=eleve,
        competence=diplome.competences.get(code=competence),
        niveau=None if valeur is None else niveau(diplome, valeur),
        mention=mention,
        auteur=auteur or situation.auteur,
    )


def observation(
    situation: Situation, eleve: Eleve, detaillee: str, valeur: int | None = None, mention: str = ""
) -> Observation:
    """Niveau d'une compétence détaillée, ou d'un critère, par code, dans l'option de l'élève."""
    diplome = situation.classe.promotion.referentiel
    candidates = Detaillee._base_manager.filter(competence__referentiel=diplome, code=detaillee)
    return Observation.objects.create(
        situation=situation,
        eleve=eleve,
        detaillee=next(item for item in candidates if item.concerne(eleve.option_id)),
        niveau=None if valeur is None else niveau(diplome, valeur),
        mention=mention,
        auteur=situation.auteur,
    )


def fiche(situation: Situation, eleve: Eleve, commentaire: str = "Travail soigné.") -> Fiche:
    return Fiche.objects.create(
        situation=situation, eleve=eleve, commentaire=commentaire, auteur=situation.auteur
    )
