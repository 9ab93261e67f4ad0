"""Ce que les enseignants et les tuteurs écrivent sur les fiches de la démonstration."""

from __future__ import annotations

ETUDE = (
    (
        "La recherche dans le dossier reste à guider ; reprendre la nomenclature.",
        "Les surfaces fonctionnelles ne sont pas encore repérées.",
        "Relevé incomplet : reprendre le dossier ligne à ligne.",
    ),
    (
        "L’essentiel est relevé, mais les tolérances géométriques sont oubliées.",
        "La démarche est bonne, les choix restent à justifier.",
        "Vocabulaire technique à préciser dans le dossier.",
    ),
    (
        "Bonne analyse du plan ; étoffer la justification des paramètres.",
        "Dossier clair, quelques unités oubliées.",
        "Solutions bien comparées, choix à mieux chiffrer.",
    ),
    (
        "Démarche rigoureuse et bien expliquée.",
        "Dossier exploitable tel quel par l’atelier.",
        "Propositions pertinentes et chiffrées.",
    ),
)
ATELIER = (
    (
        "Le poste n’est pas encore organisé ; reprendre la fiche de poste.",
        "La méthode est à revoir avant de reprendre l’exercice.",
        "Un guidage reste nécessaire à chaque étape.",
    ),
    (
        "Le résultat est obtenu après plusieurs essais.",
        "Étapes menées avec de l’aide ; s’en passer la prochaine fois.",
        "Le mode opératoire est suivi, les priorités restent à identifier.",
    ),
    (
        "Travail régulier, conforme après une correction.",
        "Bonne méthode ; gagner en rapidité.",
        "Poste propre et bien préparé, contrôle à systématiser.",
    ),
    (
        "Autonomie complète, travail conforme du premier coup.",
        "Anticipe les dérives et corrige sans attendre.",
        "Travail soigné, spécifications respectées.",
    ),
)
SUIVI = (
    (
        "Le compte rendu ne permet pas encore de reprendre le poste.",
        "Vérifier son matériel avant de commencer.",
        "Les consignes de tri et de sécurité sont à revoir.",
    ),
    (
        "Constats justes, mais la décision n’est pas argumentée.",
        "Les évènements sont consignés trop tard dans la journée.",
        "Procédure suivie pas à pas, avec de l’aide.",
    ),
    (
        "Travail bien mené, décision juste ; présentation orale à préparer.",
        "Procédure appliquée dans l’ordre, documents à jour.",
        "Compte rendu clair et bien structuré.",
    ),
    (
        "Anomalie détectée et expliquée, décision consignée : très bon suivi.",
        "Transmission des consignes exemplaire.",
        "Propose une amélioration du poste que l’atelier a retenue.",
    ),
)
ENTREPRISE = (
    (
        "Le tuteur demande plus d’attention aux consignes de sécurité.",
        "Intégration à consolider : horaires et port des équipements.",
    ),
    (
        "Tâches simples menées à bien ; oser poser des questions.",
        "Le poste est tenu avec l’aide du régleur.",
    ),
    (
        "Bonne intégration dans l’équipe, travail suivi et propre.",
        "Le tuteur souligne le sérieux et la ponctualité.",
    ),
    (
        "L’entreprise confie le poste en autonomie.",
        "Le tuteur serait prêt à proposer une embauche.",
    ),
)
ABSENCE = "Absence justifiée pendant la situation."

FAMILLES = {
    **dict.fromkeys(("C1", "C4", "C5"), ETUDE),
    **dict.fromkeys(("C6", "C7", "C8", "C9"), ATELIER),
    **dict.fromkeys(("C2", "C3", "C10", "C11", "C12"), SUIVI),
}

COMMISSION = (
    "Parcours régulier sur les trois années.",
    "Progrès nets en terminale.",
    "Les deux situations concordent.",
    "Niveaux confirmés par le livret de suivi.",
)

BILAN = (
    (
        "Un semestre en demi-teinte : les bases sont là, mais le travail personnel manque de régularité. "
        "L’équipe attend un effort sur la préparation avant de passer sur machine.",
        "Des difficultés de méthode persistent. Les séances d’aide portent leurs fruits quand elles sont "
        "suivies ; il faut y venir chaque semaine.",
    ),
    (
        "Un semestre sérieux. Les réalisations sont conformes après correction ; l’autonomie progresse et "
        "doit encore s’affirmer dans le contrôle.",
        "Travail régulier et bonne attitude à l’atelier comme en entreprise. La justification écrite des "
        "choix reste à étoffer.",
    ),
    (
        "Très bon semestre : autonomie, rigueur et aide apportée aux camarades. L’équipe encourage à viser "
        "les tâches les plus complexes.",
        "Des résultats solides dans les trois épreuves, confirmés en entreprise. Continuer ainsi.",
    ),
)
MOTS = (
    "Je me sens plus à l’aise sur la machine qu’au début de l’année. J’ai encore du mal à expliquer mes "
    "choix à l’écrit.",
    "La PFMP m’a beaucoup appris sur le rythme de travail. Je veux être évalué de nouveau en contrôle.",
    "J’ai trouvé le semestre chargé, mais je vois mes progrès. Je voudrais travailler la programmation.",
)
OBJECTIFS = (
    "Justifier par écrit les choix de paramètres dans le dossier de réalisation.",
    "Mener seul un réglage complet, contrôle de la première pièce compris.",
    "Tenir à jour la carte de contrôle sans rappel et expliquer les corrections.",
    "Préparer et présenter un compte rendu oral de cinq minutes.",
)
CONVENU = (
    "Une séance de soutien le mardi jusqu’aux vacances ; point à mi-parcours avec l’enseignant.",
    "Se porter volontaire pour présenter le prochain compte rendu devant la classe.",
    "Reprendre la fiche de contrôle du projet et la faire relire avant la prochaine situation.",
)
