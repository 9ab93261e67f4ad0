"""Trois ans d'atelier en option RMO : de la cale au poinçon-matrice remis en état (tout est inventé)."""

from certification.demo.scenes import Scene, Stage

FARGEOL = ("Outillages Fargeol", "Nicolas Berthomieu, outilleur")
GRAND_PLAIN = ("Découpe-Emboutissage du Grand-Plain", "Estelle Roch, responsable maintenance")
CASTAGNEDE = ("Moules Castagnède", "Bruno Salvat, chef d’équipe")
LANOUERE = ("Presses Lanouère", "Mireille Joubert, technicienne qualité")

ANNEES_DE_FORMATION = [
    Scene(
        cle="rmo-cale",
        niveau="2de",
        semestre=1,
        semaines=(40, 41),
        intitule="Cale de réglage : fraisage conventionnel et ajustage",
        auteur="b.roussel",
        taches="A2-T1 A2-T5 A2-T6",
        vise="C6.1 C6.3 C7.2 C7.3 C12.2 C12.3",
        description=(
            "Installer son poste, surfacer et mettre à l’équerre une cale en C45, puis la finir à la lime "
            "et au marbre jusqu’à la tolérance de parallélisme demandée."
        ),
        documents="Plan de la cale de réglage\nFiche de poste et consignes de sécurité",
        materiels="Fraiseuse conventionnelle, étau\nMarbre",
        outils="Limes, bleu de traçage\nComparateur, équerre à chapeau",
    ),
    Scene(
        cle="rmo-outil-plan",
        niveau="2de",
        semestre=1,
        semaines=(49, 49),
        intitule="Lecture de plan : un outil de découpe simple",
        auteur="y.kaddour",
        taches="A1-T1 A1-T2",
        vise="C1.1 C1.2 C4.1 C4.3",
        description=(
            "Sur le dessin d’ensemble d’un outil de découpe, retrouver poinçon, matrice, dévêtisseur et "
            "colonnes, dire le rôle de chacun et relever les ajustements."
        ),
        documents="Dessin d’ensemble et nomenclature de l’outil\nGuide du dessinateur",
        materiels="Outil de découpe démonté",
        numeriques="Modèle numérique de l’outil",
    ),
    Scene(
        cle="rmo-colonnes",
        niveau="2de",
        semestre=2,
        semaines=(12, 13),
        intitule="Colonnes et bagues : tourner et contrôler un ajustement H7/g6",
        auteur="t.masson",
        taches="A1-T3 A1-T4 A2-T5 A2-T6",
        vise="C5.1 C5.4 C7.2 C7.3 C10.1 C10.3",
        description=(
            "Ordonner les opérations, choisir les paramètres de coupe, tourner une colonne Ø 16 g6 et "
            "aléser sa bague, puis contrôler l’ajustement au tampon et au micromètre."
        ),
        documents="Plan de la colonne et de la bague\nAbaque des vitesses de coupe",
        materiels="Tour parallèle",
        outils="Alésoir machine Ø 16 H7\nMicromètre 0-25, tampon lisse 16 H7",
    ),
    Scene(
        cle="rmo-poincon-fao",
        niveau="1re",
        semestre=3,
        semaines=(39, 40),
        intitule="Poinçon profilé : gamme, F.A.O. et électroérosion à fil",
        auteur="j.prigent",
        taches="A1-T2 A1-T3 A1-T4 A1-T6",
        vise="C1.1 C1.2 C4.3 C4.5 C5.1 C5.3 C5.4 C5.6",
        description=(
            "Analyser le modèle d’un poinçon en X160CrMoV12, placer la trempe dans la chronologie, "
            "choisir entre fraisage et électroérosion à fil, puis générer et simuler la découpe."
        ),
        documents=(
            "Plan du poinçon\n"
            "Notice de la machine d’électroérosion à fil\n"
            "Fiche matière et cycle de traitement thermique"
        ),
        numeriques="Modèle numérique du poinçon\nLogiciel de F.A.O.",
    ),
    Scene(
        cle="rmo-matrice",
        niveau="1re",
        semestre=3,
        semaines=(48, 49),
        intitule="Matrice de découpe : ébauche et réglage du jeu",
        auteur="t.masson",
        taches="A2-T3 A2-T4 A2-T5",
        vise="C6.2 C6.3 C6.4 C7.1 C7.2 C7.3",
        description=(
            "Régler le centre d’usinage, ébaucher la matrice, calculer le jeu de découpe d’après "
            "l’épaisseur de tôle et retoucher l’arête jusqu’à la cote."
        ),
        documents="Dossier de phase de la matrice",
        materiels="Centre d’usinage trois axes",
        outils="Comparateur, cales étalons, jeu de cales d’épaisseur\nPierres à roder",
    ),
    Scene(
        cle="rmo-matrice-controle",
        niveau="1re",
        semestre=4,
        semaines=(5, 5),
        intitule="Contrôle de la matrice : projecteur de profil et machine à mesurer",
        auteur="o.castel",
        taches="A2-T6 A3-T1 A3-T6",
        vise="C2.1 C2.3 C2.5 C10.1 C10.2 C10.3 C10.5 C12.1",
        description=(
            "Choisir le moyen qui convient à chaque cote, mesurer le profil de la matrice, comparer au "
            "modèle, décider d’une retouche ou d’une acceptation et rédiger le procès-verbal."
        ),
        documents="Plan de la matrice\nModèle de procès-verbal de contrôle",
        materiels="Projecteur de profil\nMachine à mesurer tridimensionnelle",
        numeriques="Modèle numérique de la matrice",
    ),
    Scene(
        cle="rmo-bloc-colonnes",
        niveau="1re",
        semestre=4,
        semaines=(12, 13),
        intitule="Bloc à colonnes : planning, assemblage et ajustement",
        auteur="t.masson",
        taches="A1-T7 A2-T2 A2-T3 A2-T8",
        vise="C8.1 C8.2 C8.4 C8.5 C9.1 C9.2 C9.3 C9.4",
        description=(
            "Situer l’assemblage sur le planning, vérifier les éléments standards reçus, monter bagues et "
            "colonnes, ajuster le coulissement et corriger un défaut de parallélisme."
        ),
        documents="Nomenclature du bloc à colonnes",
        materiels="Éléments standards\nÉlingues et palan de l’atelier\nMarbre",
        outils="Presse à main\nComparateur, jeu de rodage",
    ),
    Scene(
        cle="rmo-bande",
        niveau="Tle",
        semestre=5,
        semaines=(39, 40),
        intitule="Outil à suivre : mise en bande et choix du jeu",
        auteur="prof",
        taches="A1-T2 A1-T3 A1-T4",
        vise="C1.1 C1.2 C4.2 C4.6 C5.1 C5.3 C5.4",
        description=(
            "À partir d’une équerre en DC01, comparer deux mises en bande, calculer l’effort de découpe "
            "et le jeu, puis justifier le nombre de postes de l’outil."
        ),
        documents=(
            "Plan de l’équerre\nAbaque des jeux de découpe\nCaractéristiques de la presse de l’atelier"
        ),
        numeriques="Modeleur volumique avec module de tôlerie",
    ),
    Scene(
        cle="rmo-affutage",
        niveau="Tle",
        semestre=5,
        semaines=(50, 50),
        retenue_motif="Retenue par l’équipe : mêmes exigences que les situations d’E32.",
        intitule="Affûtage des poinçons et suivi de l’outil à la presse",
        auteur="o.castel",
        taches="A3-T2 A3-T3 A3-T4 A3-T5",
        vise="C3.2 C3.3 C11.1 C11.2 C11.3 C11.4 C12.3 C12.4",
        description=(
            "Relever les bavures sur la bande, déposer les poinçons, les affûter à la rectifieuse plane, "
            "recaler la pénétration, faire un essai et tenir à jour la fiche de vie de l’outil."
        ),
        documents="Fiche de vie de l’outil",
        materiels=(
            "Rectifieuse plane, plateau magnétique\nPresse mécanique avec ses protecteurs\nLoupe binoculaire"
        ),
        outils="Micromètre",
    ),
]

CERTIFICATION = [
    Scene(
        cle="rmo-e2-equerre",
        niveau="Tle",
        semestre=5,
        semaines=(2, 2),
        certificative=True,
        intitule="E2 : équerre de fixation, dossier de l’outil de découpe",
        auteur="j.prigent",
        taches="A1-T1 A1-T2 A1-T3 A1-T4 A1-T5 A1-T8",
        vise="C1.1 C1.2 C4.1 C4.2 C4.5 C5.1 C5.2 C5.3 C5.4 C5.7",
        description=(
            "Le client commande un outil pour 20 000 équerres par an. Le candidat recherche les éléments "
            "standards, analyse la solution du bureau d’études, établit la chronologie de réalisation de "
            "la matrice et rédige le contrôle du jeu de découpe."
        ),
        documents="Cahier des charges et plan de l’équerre\nContrats de phase et gamme de contrôle vierges",
        numeriques=(
            "Modèle numérique de l’outil\n"
            "Catalogues d’éléments standards en ligne\n"
            "Modeleur volumique et logiciel de F.A.O."
        ),
    ),
    Scene(
        cle="rmo-e2-pm08",
        niveau="Tle",
        semestre=6,
        semaines=(13, 13),
        certificative=True,
        intitule="E2 : poinçon-matrice PM-08, préparer la remise en état",
        auteur="y.kaddour",
        taches="A1-T1 A1-T3 A1-T4 A1-T6 A1-T7 A1-T8",
        vise="C1.1 C1.2 C4.3 C4.4 C4.5 C4.6 C5.3 C5.4 C5.5 C5.6 C5.8",
        description=(
            "L’arête de la matrice est ébréchée et le poinçon flambe. Le candidat justifie une nouvelle "
            "longueur guidée, modifie le modèle, prépare le programme d’électroérosion du poinçon de "
            "rechange et complète le dossier de remise en état."
        ),
        documents="Fiche d’incident et fiche de vie du PM-08\nDossier de réalisation à compléter",
        numeriques=(
            "Modèle numérique de l’outil\n"
            "Modeleur volumique avec module de calcul\n"
            "Logiciel de F.A.O. et simulateur"
        ),
    ),
    Scene(
        cle="rmo-e31-pm08",
        niveau="Tle",
        semestre=6,
        semaines=(11, 11),
        certificative=True,
        intitule="E31 : poinçon-matrice PM-08, réalisation du poinçon de rechange",
        auteur="prof",
        taches="A2-T1 A2-T2 A2-T4 A2-T5 A2-T6",
        vise="C6.1 C6.2 C6.3 C6.4 C7.1 C7.2 C7.3 C8.1 C8.2 C8.3",
        description=(
            "Le candidat installe et règle l’électroérosion à fil puis la rectifieuse, réalise le poinçon "
            "trempé, retouche l’arête et vérifie le profil, en tenant le planning de l’atelier d’outillage."
        ),
        documents="Dossier de réalisation du PM-08\nPlanning de l’atelier d’outillage",
        materiels=(
            "Électroérosion à fil, rectifieuse plane\nProjecteur de profil\nÉbauche trempée en X160CrMoV12"
        ),
        outils="Micromètre 0-25",
    ),
    Scene(
        cle="rmo-e31-op21",
        niveau="Tle",
        semestre=6,
        semaines=(14, 15),
        certificative=True,
        intitule="E31 : outil de pliage OP-21, montage, ajustage et essai à la presse",
        auteur="t.masson",
        taches="A2-T1 A2-T3 A2-T5 A2-T7 A2-T8",
        vise="C6.1 C6.3 C6.4 C7.2 C7.3 C8.3 C8.4 C8.5 C9.1 C9.2 C9.3 C9.4",
        description=(
            "Le candidat prépare les éléments de l’outil de pliage, assemble et goupille les parties "
            "supérieure et inférieure, ajuste la course, règle la presse et corrige l’angle obtenu "
            "sur trois essais."
        ),
        documents="Dessin d’ensemble et nomenclature de l’OP-21\nPlanning et bons d’approvisionnement",
        materiels=(
            "Éléments usinés et éléments standards\nPresse mécanique avec ses protecteurs, palan et élingues"
        ),
        outils="Rapporteur d’angle, comparateur, cales",
    ),
    Scene(
        cle="rmo-e32-pm08",
        niveau="Tle",
        semestre=6,
        semaines=(12, 12),
        certificative=True,
        intitule="E32 : poinçon-matrice PM-08, expertise et remise en état de la matrice",
        auteur="o.castel",
        taches="A3-T1 A3-T2 A3-T3 A3-T4 A3-T6",
        vise="C2.1 C2.3 C2.5 C2.6 C10.1 C10.2 C10.3 C10.4 C10.5 C10.6 C11.1 C11.3 C11.4",
        description=(
            "Le candidat mesure l’usure de la matrice, localise l’ébréchure, décide de la reprise, "
            "rectifie et recale l’outil, vérifie la conformité de l’outillage assemblé par un essai "
            "et rend compte par écrit puis à l’oral."
        ),
        documents="Dossier technique et fiche de vie du PM-08\nFiche de compte rendu",
        materiels=(
            "Rectifieuse plane\n"
            "Loupe binoculaire, projecteur de profil\n"
            "Presse mécanique avec ses protecteurs"
        ),
        outils="Pierres à roder\nComparateur",
    ),
    Scene(
        cle="rmo-e32-os05",
        niveau="Tle",
        semestre=6,
        semaines=(21, 21),
        certificative=True,
        intitule="E32 : maintenance préventive de l’outil à suivre OS-05",
        auteur="prof",
        taches="A3-T1 A3-T2 A3-T4 A3-T5 A3-T6 A3-T7",
        vise="C2.1 C2.2 C2.4 C3.1 C3.2 C3.3 C3.4 C11.1 C11.2 C11.3 C11.4 C11.5 C12.1 C12.2 C12.3",
        description=(
            "À 50 000 coups, l’outil OS-05 revient en révision. Le candidat le démonte avec un équipier, "
            "contrôle ressorts, guides et arêtes, remplace ce que prévoit la procédure, signale le reste "
            "et propose une amélioration de la fiche de vie."
        ),
        documents=(
            "Fiche de vie et procédure de maintenance de l’OS-05\n"
            "Procédure de consignation de la presse\n"
            "Fiche d’amélioration continue"
        ),
        materiels="Pièces de rechange\nPalan",
        outils="Outillage à main, comparateur",
    ),
]

EN_COURS = [
    Scene(
        cle="rmo-revision",
        niveau="Tle",
        semestre=6,
        semaines=(22, 22),
        etat="ouverte",
        saisis=7,
        intitule="Fiche de vie d’un outil : bilan de l’année",
        auteur="prof",
        taches="A2-T8 A3-T6 A3-T7",
        vise="C2.3 C2.6 C9.2 C9.4 C10.4 C10.6",
        description=(
            "Par équipes de trois, remonter un outil révisé dans l’année, vérifier sa conformité et "
            "présenter au groupe les décisions consignées sur sa fiche de vie."
        ),
        documents="Fiches de vie",
        materiels="Outils révisés dans l’année",
        numeriques="Vidéoprojecteur",
    ),
]

STAGES = [
    Stage(
        cle="rmo-pfmp-2de",
        niveau="2de",
        semestre=2,
        semaines=(22, 24),
        auteurs=("b.roussel", "t.masson"),
        taches="A3-T1 A3-T4 A3-T6",
        vise="C2.1 C2.4 C3.1 C3.2 C3.4 C12.3",
        description=(
            "Découvrir l’entreprise et ses presses, suivre un outil du magasin à la production, "
            "aider au nettoyage et au rangement des outillages."
        ),
        documents="Livret d’accueil de l’entreprise\nCarnet de bord",
        materiels="Magasin d’outillages",
        entreprises=(GRAND_PLAIN, FARGEOL, LANOUERE),
    ),
    Stage(
        cle="rmo-pfmp-1re",
        niveau="1re",
        semestre=4,
        semaines=(20, 23),
        auteurs=("t.masson", "o.castel", "j.prigent", "y.kaddour"),
        taches="A2-T1 A2-T4 A2-T5 A3-T4 A3-T6",
        vise="C3.2 C3.3 C3.4 C6.1 C6.3 C7.1 C7.2 C12.2 C12.3",
        description=(
            "Préparer un poste de rectification ou d’électroérosion, réaliser des éléments simples "
            "d’outillage, participer à un changement d’outil sur presse."
        ),
        documents="Dossier d’outillage",
        materiels="Poste d’outillage de l’entreprise",
        outils="Moyens de contrôle de l’atelier",
        entreprises=(FARGEOL, CASTAGNEDE, GRAND_PLAIN, LANOUERE),
    ),
    Stage(
        cle="rmo-pfmp-tle",
        niveau="Tle",
        semestre=6,
        semaines=(3, 6),
        certificative=True,
        auteurs=("prof", "t.masson", "o.castel", "j.prigent"),
        taches="A2-T5 A2-T6 A3-T2 A3-T3 A3-T4 A3-T6 A3-T7",
        vise="C3.1 C3.2 C3.4 C3.5 C7.1 C7.2 C7.3 C10.3 C10.4 C12.1 C12.3 C12.4",
        description=(
            "Prendre en charge un outillage en maintenance, réaliser les retouches, contrôler l’outil "
            "assemblé, transmettre les informations au régleur de presse et au service qualité."
        ),
        documents="Fiches de vie\nCahier de consignes de l’atelier",
        materiels="Poste d’outillage de l’entreprise",
        outils="Moyens de contrôle",
        entreprises=(LANOUERE, GRAND_PLAIN, FARGEOL, CASTAGNEDE),
    ),
]

SCENES = [
    *ANNEES_DE_FORMATION,
    *(scene for stage in STAGES for scene in stage.scenes()),
    *CERTIFICATION,
    *EN_COURS,
]
