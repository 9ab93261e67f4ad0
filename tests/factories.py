"""De quoi peupler un test, en fonctions simples : chacune crée un objet et le rend.

Les noms se déduisent de ce qui est déjà en base ; rien n'est tiré au hasard ni lu à l'horloge.
Le monde complet à deux établissements est dans `tests/distribution.py`.
"""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from certification.models import (
    Commission,
    Decision,
    Dossier,
    Membre,
    Reunion,
)
from livret.bilan import preparation
from livret.models import (
    Absence,
    Affectation,
    AnneeScolaire,
    Appartenance,
    Attente,
    AutoEvaluation,
    Bilan,
    Classe,
    Demande,
    EchelleAttendue,
    Eleve,
    Entreprise,
    Etablissement,
    Evaluation,
    Fiche,
    FicheTuteur,
    Groupe,
    ModeleSituation,
    Observation,
    Periode,
    Pfmp,
    PfmpPrevue,
    Phrase,
    PieceJointe,
    Poste,
    Promotion,
    Remarque,
    SansCours,
    Scolarite,
    Sejour,
    Sequence,
    Situation,
    Trace,
    Tuteur,
    Utilisateur,
    Visite,
)
from livret.personnes.identifiants import lettre_uai
from referentiel.models import (
    Activite,
    Bloc,
    Coefficient,
    Competence,
    Detaillee,
    Echelle,
    Epreuve,
    Grille,
    IntituleActivite,
    Modalite,
    Niveau,
    Option,
    Poids,
    Referentiel,
    Statut,
    Tache,
    Voie,
)
from trpm.images import image_propre
from trpm.permissions import Role

SESSION = 2026
MOT_DE_PASSE = "sesame-de-test-7"
FICHIER_TRPM = Path(settings.BASE_DIR) / "fixtures" / "trpm.json"

# --- Le référentiel d'essai -------------------------------------------------------------------

OPTIONS = {"USI": "usinage", "OUT": "outillage"}
EPREUVES = {"EP1": "Préparer", "EP2": "Réaliser", "EP3": "Suivre"}
COMPETENCES = {
    "C1": ("EP1", "Lire un plan", {"USI": 3, "OUT": 2}),
    "C2": ("EP1", "Choisir un procédé", {"USI": 1, "OUT": 2}),
    "C3": ("EP2", "Régler une machine", {"USI": 2, "OUT": 1}),
    "C4": ("EP2", "Assembler un ensemble", {"USI": 2, "OUT": 3}),
    "C5": ("EP3", "Rendre compte", {"USI": 1, "OUT": 1}),
}
DETAILLEES = (
    ("C1", "C1.1", "Repérer les surfaces", None),
    ("C1", "C1.2", "Décoder les tolérances", None),
    ("C2", "C2.1", "Comparer deux procédés", None),
    ("C3", "C3.1", "Vérifier la pièce", "USI"),
    ("C3", "C3.1", "Vérifier l’outillage", "OUT"),
    ("C3", "C3.2", "Régler les jauges", None),
    ("C4", "C4.1", "Assembler", None),
    ("C4", "C4.2", "Corriger l’assemblage", "OUT"),
    ("C5", "C5.1", "Rédiger un compte rendu", None),
    ("C5", "C5.2", "Présenter un compte rendu", None),
)
TACHES = (
    ("A1", "A1-T1", "Étudier le dossier", None),
    ("A1", "A1-T2", "Préparer la gamme", None),
    ("A2", "A2-T1", "Produire une pièce", "USI"),
    ("A2", "A2-T1", "Produire un outillage", "OUT"),
    ("A3", "A3-T1", "Suivre la fabrication", None),
)
ACTIVITES = {
    "A1": ("Préparation", "EP1", ("C1", "C2")),
    "A2": ("Réalisation", "EP2", ("C3", "C4")),
    "A3": ("Suivi", "EP3", ("C5",)),
}
NIVEAUX = (
    ("0", "Non maîtrisé", "vide"),
    ("1", "Insuffisamment maîtrisé", "quart"),
    ("2", "Partiellement maîtrisé", "demi"),
    ("3", "Bien maîtrisé", "plein"),
)


def referentiel(code: str = "ESSAI", version: str = "1") -> Referentiel:
    """Petit diplôme inventé : 2 options, 3 épreuves, 5 compétences, 10 détaillées, niveaux 0 à 3.

    Poids d'USI : C1 3, C2 1 (EP1) ; C3 2, C4 2 (EP2) ; C5 1 (EP3). Poids d'OUT : C1 2, C2 2 ;
    C3 1, C4 3 ; C5 1. `C3.1` existe dans chaque option, `C4.2` en OUT seulement. Statuts :
    `scolaire` (voie R1, CCF) et `hors-contrat` (voie R2, ponctuel).
    """
    diplome = Referentiel.objects.create(
        code=code, version=version, intitule="Baccalauréat professionnel d’essai", semaines_pfmp=22
    )
    options = {
        option: Option.objects.create(referentiel=diplome, code=option, intitule=intitule, ordre=rang)
        for rang, (option, intitule) in enumerate(OPTIONS.items())
    }
    voies = {
        voie: Voie.objects.create(referentiel=diplome, code=voie, intitule=intitule, ordre=rang)
        for rang, (voie, intitule) in enumerate({"R1": "Voie scolaire", "R2": "Voie hors contrat"}.items())
    }
    Statut.objects.bulk_create(
        [
            Statut(referentiel=diplome, voie=voies["R1"], code="scolaire", intitule="Scolaire sous contrat"),
            Statut(
                referentiel=diplome,
                voie=voies["R2"],
                code="hors-contrat",
                intitule="Scolaire hors contrat",
                ordre=1,
            ),
        ]
    )
    epreuves = _epreuves(diplome, options, voies)
    competences = _competences(diplome, options)
    _activites(diplome, options, epreuves, competences)
    _grille(diplome, options, epreuves, competences)
    return diplome


def _epreuves(diplome: Referentiel, options: dict[str, Option], voies: dict[str, Voie]) -> dict[str, Epreuve]:
    epreuves = {}
    for rang, (code, intitule) in enumerate(EPREUVES.items()):
        bloc = Bloc.objects.create(
            referentiel=diplome, code=f"BC0{rang + 1}", intitule=intitule, unite=f"U{rang + 1}", ordre=rang
        )
        epreuves[code] = Epreuve.objects.create(
            referentiel=diplome, code=code, intitule=intitule, bloc=bloc, unite=bloc.unite, ordre=rang
        )
        Modalite.objects.bulk_create(
            [
                Modalite(bloc=bloc, voie=voies["R1"], ccf=True, forme="CCF"),
                Modalite(bloc=bloc, voie=voies["R2"], ccf=False, forme="ponctuel pratique", duree="4 h"),
            ]
        )
    Coefficient.objects.bulk_create(
        [
            Coefficient(epreuve=epreuve, option=option, valeur=Decimal(2 + epreuve.ordre + option.ordre))
            for epreuve in epreuves.values()
            for option in options.values()
        ]
    )
    return epreuves


def _competences(diplome: Referentiel, options: dict[str, Option]) -> dict[str, Competence]:
    competences = {
        code: Competence.objects.create(
            referentiel=diplome,
            code=code,
            intitule=intitule,
            nature=Competence.Nature.TRANSVERSALE if code == "C5" else Competence.Nature.SPECIFIQUE,
            ordre=rang,
        )
        for rang, (code, (_, intitule, _)) in enumerate(COMPETENCES.items())
    }
    Detaillee.objects.bulk_create(
        [
            Detaillee(
                competence=competences[competence],
                code=code,
                intitule=intitule,
                option=options.get(option or ""),
                ordre=rang,
            )
            for rang, (competence, code, intitule, option) in enumerate(DETAILLEES)
        ]
    )
    return competences


def _activites(
    diplome: Referentiel,
    options: dict[str, Option],
    epreuves: dict[str, Epreuve],
    competences: dict[str, Competence],
) -> None:
    activites = {}
    for rang, (code, (intitule, epreuve, mobilisees)) in enumerate(ACTIVITES.items()):
        activites[code] = Activite.objects.create(
            referentiel=diplome, code=code, intitule=intitule, bloc=epreuves[epreuve].bloc, ordre=rang
        )
        activites[code].competences.set([competences[competence] for competence in mobilisees])
    IntituleActivite.objects.create(
        activite=activites["A2"], option=options["OUT"], intitule="Réalisation d’un outillage"
    )
    Tache.objects.bulk_create(
        [
            Tache(
                activite=activites[activite],
                code=code,
                intitule=intitule,
                option=options.get(option or ""),
                ordre=rang,
            )
            for rang, (activite, code, intitule, option) in enumerate(TACHES)
        ]
    )


def _grille(
    diplome: Referentiel,
    options: dict[str, Option],
    epreuves: dict[str, Epreuve],
    competences: dict[str, Competence],
) -> None:
    echelle = Echelle.objects.create(referentiel=diplome, code="quatre", intitule="Quatre niveaux")
    Niveau.objects.bulk_create(
        [
            Niveau(echelle=echelle, code=code, valeur=valeur, libelle=libelle, symbole=symbole)
            for valeur, (code, libelle, symbole) in enumerate(NIVEAUX)
        ]
    )
    grille = Grille.objects.create(
        referentiel=diplome,
        version="1",
        intitule="Grille d’essai",
        echelle=echelle,
        mention_ponderation="pondération d’essai",
    )
    Poids.objects.bulk_create(
        [
            Poids(
                grille=grille,
                epreuve=epreuves[epreuve],
                competence=competences[code],
                option=options[option],
                valeur=valeur,
            )
            for code, (epreuve, _, poids) in COMPETENCES.items()
            for option, valeur in poids.items()
        ]
    )


def trpm() -> Referentiel:
    """Le référentiel officiel, par l'importeur, comme en service."""
    call_command("importer_referentiel", str(FICHIER_TRPM), verbosity=0)
    return Referentiel.objects.get(code="TRPM")


# --- Les personnes et les lieux ---------------------------------------------------------------


def etablissement(nom: str = "Lycée des Essais", numero: str = "") -> Etablissement:
    numero = numero or f"{100_000 + Etablissement.objects.count():07d}"
    return Etablissement.objects.create(
        uai=numero + lettre_uai(numero), nom=nom, ville="Essai-sur-Loire", academie="Académie d’essai"
    )


def utilisateur(
    *roles: Role, etablissement: Etablissement | None = None, nom: str = "Essai", identifiant: str = ""
) -> Utilisateur:
    """Compte qui tient ces rôles dans l'établissement ; le rôle d'élève vient de `eleve(compte=…)`."""
    identifiant = identifiant or f"compte{Utilisateur.objects.count() + 1}"
    compte = Utilisateur.objects.create_user(
        identifiant,
        f"{identifiant}@essai.invalid",
        MOT_DE_PASSE,
        first_name=identifiant.title(),
        last_name=nom,
    )
    for role in roles:
        Appartenance.objects.create(utilisateur=compte, etablissement=etablissement, role=role.value)
    return compte


def promotion(
    etablissement: Etablissement,
    referentiel: Referentiel,
    option: str = "USI",
    session: int = SESSION,
    nom: str = "",
) -> Promotion:
    return Promotion.objects.create(
        etablissement=etablissement,
        nom=nom or f"{option} {session} n° {Promotion.objects.count() + 1}",
        referentiel=referentiel,
        option=referentiel.options.get(code=option),
        session=session,
    )


def classe(
    promotion: Promotion,
    equipe: Iterable[Utilisateur] = (),
    niveau: str = "Tle",
    nom: str = "",
) -> Classe:
    """Classe de la promotion ; l'année scolaire se déduit du niveau et de la session."""
    recul = {"Tle": 1, "1re": 2, "2de": 3}[niveau]
    annee, _ = AnneeScolaire.objects.get_or_create(debut=promotion.session - recul)
    division = Classe.objects.create(
        etablissement=promotion.etablissement,
        annee=annee,
        nom=nom or f"{niveau} {Classe.objects.count() + 1}",
        niveau=niveau,
        promotion=promotion,
    )
    division.equipe.set(equipe)
    return division


def eleve(
    classe: Classe,
    nom: str = "",
    prenom: str = "Alix",
    statut: str = "scolaire",
    compte: Utilisateur | None = None,
    **champs: object,
) -> Eleve:
    """Élève inscrit dans la classe."""
    rang = Eleve.objects.count() + 1
    candidat = Eleve.objects.create(
        etablissement=classe.etablissement,
        promotion=classe.promotion,
        nom=nom or f"CANDIDAT{rang:02d}",
        prenom=prenom,
        naissance=champs.pop("naissance", datetime.date(2008, 3, 14)),
        ine=champs.pop("ine", f"ESSAI{rang:05d}Z"),
        option=champs.pop("option", classe.promotion.option),
        statut=classe.promotion.referentiel.statuts.get(code=statut),
        utilisateur=compte,
        **champs,
    )
    Scolarite.objects.create(eleve=candidat, classe=classe)
    return candidat


def groupe(classe: Classe, eleves: Iterable[Eleve] = (), nom: str = "Demi-classe A") -> Groupe:
    cercle = Groupe.objects.create(classe=classe, nom=nom)
    cercle.eleves.set(eleves)
    return cercle


# --- Les situations et ce qu'on y constate ----------------------------------------------------


def situation(
    classe: Classe,
    auteur: Utilisateur,
    competences: Iterable[str] = (),
    detaillees: Iterable[str] = (),
    **champs: object,
) -> Situation:
    """Situation certificative, ouverte, de l'année civile de la session, sauf indication contraire.

    Une détaillée dont le code sert à deux options est prise dans celle de la promotion.
    """
    session = classe.promotion.session
    scene = Situation.objects.create(
        **{
            "classe": classe,
            "auteur": auteur,
            "intitule": f"Situation {Situation.objects.count() + 1}",
            "nature": Situation.Nature.CERTIFICATIVE,
            "debut": datetime.date(session, 3, 9),
            "fin": datetime.date(session, 3, 13),
            "semestre": 6,
            "etat": Situation.Etat.OUVERTE,
            **champs,
        }
    )
    diplome = classe.promotion.referentiel
    if competences:
        scene.competences.set(diplome.competences.filter(code__in=competences))
    if detaillees:
        scene.detaillees.set(
            [
                detaillee
                for detaillee in Detaillee.objects.filter(
                    competence__referentiel=diplome, code__in=detaillees
                )
                if detaillee.concerne(classe.promotion.option_id)
            ]
        )
    return scene


def poste(situation: Situation, nom: str = "Fraiseuse", *codes: str) -> Poste:
    """Poste qui montre ces compétences et ces détaillées de la situation ; sans code, toutes."""
    machine = situation.postes.create(nom=nom, ordre=situation.postes.count() + 1)
    machine.competences.set(situation.competences.filter(code__in=codes))
    machine.detaillees.set(situation.detaillees.filter(code__in=codes))
    return machine


def affectation(poste: Poste, eleve: Eleve, tour: int = 1) -> Affectation:
    return poste.affectations.create(situation=poste.situation, eleve=eleve, tour=tour)


def modele(situation: Situation) -> ModeleSituation:
    """Copie de la situation, partagée dans la bibliothèque de son établissement."""
    return ModeleSituation.depuis(situation, situation.auteur)


def piece(situation: Situation, nom: str = "Sujet.pdf", contenu: bytes = b"%PDF-1.7 essai") -> PieceJointe:
    return PieceJointe.objects.create(
        situation=situation,
        fichier=ContentFile(contenu, nom),
        nom=nom,
        type_mime="application/pdf",
        taille=len(contenu),
        auteur=situation.auteur,
    )


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


def remarque(situation: Situation, eleve: Eleve, code: str, texte: str = "À revoir.") -> Remarque:
    """Remarque sur une case, par code de compétence ou de compétence détaillée."""
    diplome = situation.classe.promotion.referentiel
    if "." in code:
        candidates = Detaillee.objects.filter(competence__referentiel=diplome, code=code)
        cible = {"detaillee": next(item for item in candidates if item.concerne(eleve.option_id))}
    else:
        cible = {"competence": diplome.competences.get(code=code)}
    return Remarque.objects.create(
        situation=situation, eleve=eleve, texte=texte, auteur=situation.auteur, **cible
    )


def phrase(auteur: Utilisateur, texte: str = "Travail soigné.") -> Phrase:
    return Phrase.objects.create(auteur=auteur, texte=texte, rang=auteur.phrases.count())


def niveau(referentiel: Referentiel, valeur: int) -> Niveau:
    return Niveau.objects.get(echelle__referentiel=referentiel, valeur=valeur)


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
    """Niveau d'une compétence détaillée, par code, dans l'option de l'élève."""
    diplome = situation.classe.promotion.referentiel
    candidates = Detaillee.objects.filter(competence__referentiel=diplome, code=detaillee)
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


# --- Ce que l'élève tient lui-même ------------------------------------------------------------


def autoevaluation(
    eleve: Eleve, competence: str, valeur: int, date: str = "2026-04-02", situation: Situation | None = None
) -> AutoEvaluation:
    diplome = eleve.promotion.referentiel
    return AutoEvaluation.objects.create(
        eleve=eleve,
        competence=diplome.competences.get(code=competence),
        niveau=niveau(diplome, valeur),
        date=datetime.date.fromisoformat(date),
        situation=situation,
    )


def demande(eleve: Eleve, classe: Classe, competence: str = "C3") -> Demande:
    voulue = eleve.promotion.referentiel.competences.get(code=competence)
    return Demande.objects.create(eleve=eleve, classe=classe, competence=voulue)


def trace_d_eleve(eleve: Eleve, auteur: Utilisateur, texte: str = "Ma pièce", **champs: object) -> Trace:
    return Trace.objects.create(
        **{"eleve": eleve, "auteur": auteur, "texte": texte, "origine": Trace.Origine.ELEVE, **champs}
    )


# --- La PFMP ----------------------------------------------------------------------------------


def entreprise(etablissement: Etablissement, nom: str = "Usinage des Essais", **champs: object) -> Entreprise:
    return Entreprise.objects.create(
        etablissement=etablissement, nom=nom, **{"ville": "Essai-sur-Loire", **champs}
    )


def tuteur(entreprise: Entreprise, nom: str = "Maryse Tutrice", **champs: object) -> Tuteur:
    return Tuteur.objects.create(
        entreprise=entreprise,
        nom=nom,
        **{"courriel": "tutrice@entreprise.invalid", "telephone": "04 70 00 00 01", **champs},
    )


def periode(
    classe: Classe, intitule: str = "PFMP n° 1", debut: str = "2026-01-05", fin: str = "2026-01-30"
) -> Periode:
    """Quatre semaines de janvier, du lundi 5 au vendredi 30 : vingt jours."""
    return Periode.objects.create(
        classe=classe,
        intitule=intitule,
        debut=datetime.date.fromisoformat(debut),
        fin=datetime.date.fromisoformat(fin),
    )


def pfmp(periode: Periode, eleve: Eleve, referent: Utilisateur | None = None, **champs: object) -> Pfmp:
    return Pfmp.objects.create(periode=periode, eleve=eleve, referent=referent, **champs)


def sejour(pfmp: Pfmp, tuteur: Tuteur, debut: str = "", fin: str = "", **champs: object) -> Sejour:
    """Chez ce tuteur, aux dates de la période par défaut."""
    return Sejour.objects.create(
        pfmp=pfmp,
        entreprise=tuteur.entreprise,
        tuteur=tuteur,
        debut=datetime.date.fromisoformat(debut) if debut else pfmp.periode.debut,
        fin=datetime.date.fromisoformat(fin) if fin else pfmp.periode.fin,
        **champs,
    )


def absence(pfmp: Pfmp, debut: str = "2026-01-06", jours: str = "1", **champs: object) -> Absence:
    return Absence.objects.create(
        **{
            "pfmp": pfmp,
            "debut": datetime.date.fromisoformat(debut),
            "fin": datetime.date.fromisoformat(debut),
            "jours": Decimal(jours),
            **champs,
        }
    )


def visite(pfmp: Pfmp, par: Utilisateur, date: str = "2026-01-20", **champs: object) -> Visite:
    return Visite.objects.create(pfmp=pfmp, par=par, date=datetime.date.fromisoformat(date), **champs)


# --- Les bilans -------------------------------------------------------------------------------


def bilan(eleve: Eleve, auteur: Utilisateur, etat: str = "brouillon", **champs: object) -> Bilan:
    """Bilan du semestre 6 de l'élève, au 30 mars, amené à cet état par les gestes du métier."""
    classe = Classe.objects.filter(scolarites__eleve=eleve).first()
    jour = datetime.date(classe.promotion.session, 3, 30)
    textes = {} if etat == "brouillon" else {"appreciation": "Un semestre régulier."}
    if etat in ("entretien", "valide"):
        textes |= {
            "entretien_le": jour + datetime.timedelta(days=2),
            "entretien_avec": auteur,
            "enseignant_present": True,
            "eleve_present": True,
        }
    cree = Bilan.objects.create(
        **{
            "eleve": eleve,
            "classe": classe,
            "semestre": 6,
            "date": jour,
            "auteur": auteur,
            **textes,
            **champs,
        }
    )
    for suivant in ("prepare", "entretien", "valide"):
        if cree.etat != etat:
            preparation.passer(cree, suivant, auteur, timezone.now())
    return cree


def fiche_tuteur(pfmp: Pfmp, tuteur: Tuteur) -> FicheTuteur:
    """Fiche à remplir, dans une PFMP ouverte dont un séjour est chez ce tuteur."""
    return FicheTuteur.objects.create(pfmp=pfmp, tuteur=tuteur)


# --- La commission ----------------------------------------------------------------------------


def commission(
    promotion: Promotion, epreuve: str = "EP1", membres: Iterable[Utilisateur] = (), **champs: object
) -> Commission:
    diplome = promotion.referentiel
    assemblee = Commission.objects.create(
        **{
            "etablissement": promotion.etablissement,
            "session": promotion.session,
            "epreuve": diplome.epreuves.get(code=epreuve),
            "grille": diplome.grilles.first(),
            "intitule": f"Commission {epreuve} n° {Commission.objects.count() + 1}",
            "date": datetime.date(promotion.session, 6, 3),
            **champs,
        }
    )
    for compte in membres:
        membre(assemblee, compte)
    return assemblee


def membre(
    commission: Commission, compte: Utilisateur | None, qualite: str = "enseignant", nom: str = ""
) -> Membre:
    return Membre.objects.create(
        commission=commission,
        utilisateur=compte,
        nom=nom or (compte.nom_complet if compte else "Personne extérieure"),
        qualite=qualite,
    )


def reunion(*commissions: Commission) -> Reunion:
    """Réunit ces commissions ; la première donne la date et le lieu."""
    premiere = commissions[0]
    reunie = Reunion.objects.create(
        etablissement=premiere.etablissement,
        session=premiere.session,
        intitule=f"Réunion de {premiere.intitule}",
        date=premiere.date,
        lieu=premiere.lieu,
    )
    for commission in commissions:
        commission.reunion = reunie
        commission.save()
    return reunie


def dossier(commission: Commission, eleve: Eleve, **champs: object) -> Dossier:
    return Dossier.objects.create(commission=commission, eleve=eleve, **champs)


def decision(dossier: Dossier, competence: str, auteur: Utilisateur, valeur: int | None = None) -> Decision:
    """Niveau arrêté, par code ; sans `valeur`, la compétence est dite non démontrée."""
    diplome = dossier.commission.grille.referentiel
    return Decision.objects.create(
        dossier=dossier,
        competence=diplome.competences.get(code=competence),
        niveau=None if valeur is None else niveau(diplome, valeur),
        non_demontree=valeur is None,
        motif="" if valeur is not None else "Jamais évaluée.",
        auteur=auteur,
    )


# --- L'échelle et la progression --------------------------------------------------------------


def echelle_attendue(
    promotion: Promotion, auteur: Utilisateur, attentes: dict[str, dict[int, int]]
) -> EchelleAttendue:
    """Nouvelle version : par code de compétence ou de détaillée, la valeur attendue par semestre."""
    diplome = promotion.referentiel
    version = EchelleAttendue.objects.create(
        promotion=promotion,
        numero=promotion.echelles.count() + 1,
        auteur=auteur,
        enregistree_le=datetime.datetime(2025, 9, 1, 8, tzinfo=datetime.UTC),
    )
    detaillees = {
        detaillee.code: detaillee
        for detaillee in Detaillee.objects.filter(competence__referentiel=diplome)
        if detaillee.concerne(promotion.option_id)
    }
    competences = {competence.code: competence for competence in diplome.competences.all()}
    Attente.objects.bulk_create(
        [
            Attente(
                echelle=version,
                competence=competences.get(code) or detaillees[code].competence,
                detaillee=detaillees.get(code),
                semestre=semestre,
                niveau=niveau(diplome, valeur),
            )
            for code, par_semestre in attentes.items()
            for semestre, valeur in par_semestre.items()
        ]
    )
    return version


def sequence(
    classe: Classe,
    auteur: Utilisateur,
    debut: str = "2025-11-03",
    semaines: int = 3,
    detaillees: Iterable[str] = (),
    evaluees: Iterable[str] = (),
    **champs: object,
) -> Sequence:
    """Séquence de toute la promotion, posée au lundi `debut` ; les détaillées entraînent leur compétence."""
    lundi = datetime.date.fromisoformat(debut)
    objet = Sequence.objects.create(
        **{
            "promotion": classe.promotion,
            "auteur": auteur,
            "intitule": f"Séquence {Sequence.objects.count() + 1}",
            "debut": lundi,
            "fin": lundi + datetime.timedelta(days=7 * semaines - 1),
            **champs,
        }
    )
    evaluees = list(evaluees)
    for nom, codes in (("", [*detaillees, *evaluees]), ("_evaluees", evaluees)):
        choisies = [
            detaillee
            for detaillee in Detaillee.objects.filter(
                competence__referentiel=classe.promotion.referentiel, code__in=codes
            )
            if detaillee.concerne(classe.promotion.option_id)
        ]
        getattr(objet, f"detaillees{nom}").set(choisies)
        getattr(objet, f"competences{nom}").set({detaillee.competence_id for detaillee in choisies})
    return objet


def pfmp_prevue(promotion: Promotion, debut: str = "2026-01-12", semaines: int = 4) -> PfmpPrevue:
    lundi = datetime.date.fromisoformat(debut)
    return PfmpPrevue.objects.create(
        promotion=promotion, debut=lundi, fin=lundi + datetime.timedelta(days=7 * semaines - 1)
    )


def sans_cours(
    etablissement: Etablissement,
    debut: str = "2025-12-22",
    semaines: int = 2,
    libelle: str = "Vacances de l’essai",
) -> SansCours:
    lundi = datetime.date.fromisoformat(debut)
    return SansCours.objects.create(
        etablissement=etablissement,
        libelle=libelle,
        debut=lundi,
        fin=lundi + datetime.timedelta(days=7 * semaines - 1),
    )
