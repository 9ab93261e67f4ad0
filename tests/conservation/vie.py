"""Une personne dont l'application garde tout ce qu'elle peut garder : une ligne au moins de chaque modèle."""

import datetime
import uuid

from django.core.files.base import ContentFile
from django.utils import timezone

from certification.dossier.resultats import dossier_lu
from certification.models import (
    Extraction,
    Lot,
    Tirage,
    TraceCitee,
    Verification,
    VersionFigee,
)
from livret.models import (
    AccuseDeLecture,
    AvisTuteur,
    Bilan,
    ChangementDePromotion,
    Eleve,
    FicheTuteur,
    LienTuteur,
    Operation,
    PhotoEleve,
    Responsable,
    Trace,
    TransfertRecu,
)
from referentiel.models import Referentiel
from tests import factories
from tests.livret.pfmp.scene import Scene, scene
from tests.livret.photo import jpeg
from tests.monde import Ecole
from trpm.models import ActeNote


def vie_entiere(ecole: Ecole, *, figee: bool = True) -> Scene:
    """Le premier élève de l'école, partout où il peut être nommé ; le second y a aussi les siennes."""
    premier, second = ecole.eleves
    ici = scene(ecole)
    diplome = ecole.promotion.referentiel
    for eleve, dit in ((premier, "LE PREMIER"), (second, "LE SECOND")):
        factories.remarque(ecole.situation, eleve, "C1", f"Remarque {dit}")
        factories.autoevaluation(eleve, "C1", 1)
        factories.demande(eleve, ecole.classe)
        _operation(ecole, eleve, f"Opération {dit}")
    factories.trace_d_eleve(premier, ecole.compte_eleve, "Trace LE PREMIER", pfmp=ici.camille)
    citee = factories.trace(ecole.situation, premier, b"%PDF-1.7 LE PREMIER", nom="Preuve LE PREMIER.pdf")
    bilan = factories.bilan(premier, ecole.enseignant, "valide", appreciation="Bilan LE PREMIER")
    _famille(ecole, premier, bilan)
    factories.bilan(second, ecole.enseignant, "valide", appreciation="Bilan LE SECOND")
    factories.groupe(ecole.classe, ecole.eleves)
    PhotoEleve.objects.create(eleve=premier, image=jpeg((40, 30)))
    factories.affectation(factories.poste(ecole.situation), premier)
    ActeNote.objects.create(
        nature="vu",
        adresse="livret:eleve",
        le=timezone.now(),
        tranche=1,
        auteur=ecole.enseignant,
        eleve=premier,
        garde_jusqu_au=timezone.localdate(),
    )
    _propre(ecole, premier, ici, diplome)
    _certification(ecole, citee, figee=figee)
    return ici


def _famille(ecole: Ecole, eleve: Eleve, bilan: Bilan) -> None:
    """Son responsable, ce qu'il a lu ; et le transfert qui l'a amené."""
    parent = factories.utilisateur(identifiant=f"parent-{ecole.classe.pk}")
    Responsable.objects.create(compte=parent, eleve=eleve)
    AccuseDeLecture.objects.create(bilan=bilan, compte=parent)
    TransfertRecu.objects.create(
        etablissement=ecole.etablissement,
        eleve=eleve,
        origine="Lycée LE PREMIER",
        empreinte="a" * 64,
        signataire="clé",
        archive=ContentFile(b"PK transfert", "transfert.zip"),
        par=ecole.administrateur,
        le=timezone.now(),
    )


def _operation(ecole: Ecole, eleve: Eleve, texte: str) -> None:
    Operation.objects.create(
        uuid=uuid.uuid4(),
        situation=ecole.situation,
        auteur=ecole.enseignant,
        case=f"commentaire-{eleve.pk}",
        texte=texte,
        chaine=uuid.uuid4(),
        resultat="enregistre",
        recue_le=timezone.now(),
    )


def _propre(ecole: Ecole, eleve: Eleve, ici: Scene, diplome: Referentiel) -> None:
    """Ce qui n'existe que pour lui : la situation de sa fiche de tuteur, son changement de promotion."""
    sienne = factories.situation(
        ecole.classe, ecole.enseignant, ["C1"], intitule="Chez LE PREMIER", eleve=eleve
    )
    factories.piece(sienne, "Pièce LE PREMIER.pdf")
    factories.poste(sienne, "Poste LE PREMIER")
    fiche = FicheTuteur.objects.create(
        pfmp=ici.camille,
        tuteur=ici.tuteur,
        points_forts="Fiche LE PREMIER",
        scan=ContentFile(b"%PDF-1.7 fiche", "fiche"),
        scan_nom="Fiche.pdf",
    )
    AvisTuteur.objects.create(
        fiche=fiche, competence=diplome.competences.get(code="C1"), niveau=factories.niveau(diplome, 2)
    )
    FicheTuteur.objects.filter(pk=fiche.pk).update(
        etat="validee",
        situation=sienne,
        validee_le=timezone.now(),
        validee_par=ecole.enseignant,
        envoyee_le=timezone.now(),
        signee_le=datetime.date(2026, 2, 6),
        signature_mode="papier",
        signataire=ici.tuteur.nom,
    )
    LienTuteur.objects.create(
        fiche=fiche,
        empreinte="e" * 64,
        cree_par=ecole.enseignant,
        cree_le=timezone.now(),
        envoye_a="tutrice@entreprise.invalid",
        expire_le=timezone.now(),
    )
    ChangementDePromotion.objects.create(
        eleve=eleve,
        avant=factories.promotion(ecole.etablissement, diplome),
        option_avant=eleve.option,
        statut_avant=eleve.statut,
        numero_avant="12345",
        apres=ecole.promotion,
        classe=ecole.classe,
        jour=datetime.date(2026, 1, 5),
        par=ecole.administrateur,
        fait_le=timezone.now(),
    )


def _certification(ecole: Ecole, citee: Trace, *, figee: bool) -> None:
    dossier, autre = ecole.dossiers
    factories.decision(dossier, "C1", ecole.membre, 2)
    lot = Lot.objects.create(commission=ecole.commission, genre="grilles", demande_par=ecole.president)
    for rang, un in enumerate((dossier, autre)):
        Tirage.objects.create(
            lot=lot,
            rang=rang,
            piece="grille",
            dossier=un,
            nom=f"Grille {rang}.pdf",
            fichier=ContentFile(b"%PDF-1.7 grille", "grille.pdf"),
        )
    rangees = {str(un.pk): {"qui": str(un), "cellules": [un.nom]} for un in ecole.eleves}
    Extraction.objects.create(
        etablissement=ecole.etablissement,
        session=ecole.promotion.session,
        faite_par=ecole.president,
        empreinte="f" * 64,
        contenu={"titres": ["Nom"], "rangees": rangees},
    )
    if figee:
        version: VersionFigee = dossier.figer(
            dossier_lu(dossier).grille.vers_json(), ecole.president, timezone.now()
        )
        TraceCitee.objects.create(version=version, trace=citee)
        Verification.objects.get_or_create(version=version)
