"""Trois ans d'atelier en option RSP : du premier épaulement à la petite série (tout est inventé)."""

from certification.demo.scenes import Scene, Stage

VAL_D_ORBE = ("Mécanique Val-d’Orbe", "Karine Solviche, cheffe d’atelier")
ARAVIGNES = ("Décolletage des Aravignes", "Didier Mouchet, régleur")
TOURNEBISE = ("Ateliers Tournebise", "Pascal Hérault, responsable de production")
ROQUEMAILLE = ("Précision Roquemaille", "Leïla Ziani, technicienne méthodes")

ANNEES_DE_FORMATION = [
    Scene(
        cle="rsp-cale",
        niveau="2de",
        semestre=1,
        semaines=(40, 41),
        intitule="Cale étagée : premières passes en fraisage conventionnel",
        auteur="b.roussel",
        taches="A2-T1 A2-T5 A2-T6",
        vise="C6.1 C6.3 C7.2 C7.3 C12.2 C12.3",
        description=(
            "Installer son poste, brider l’étau et le dégauchir au comparateur, "
            "surfacer les six faces puis fraiser deux épaulements dans une cale en S235.\n"
            "Mesurer au pied à coulisse et ébavurer avant de rendre la pièce."
        ),
        documents="Plan de définition de la cale étagée\nFiche de poste et consignes de sécurité",
        materiels="Fraiseuse conventionnelle et étau",
        outils="Fraise à surfacer Ø 63, fraise deux tailles Ø 16\nPied à coulisse au 1/50, comparateur",
    ),
    Scene(
        cle="rsp-bride-plan",
        niveau="2de",
        semestre=1,
        semaines=(49, 49),
        intitule="Lecture de plan : la bride de serrage",
        auteur="y.kaddour",
        taches="A1-T1 A1-T2",
        vise="C1.1 C1.2 C4.1 C4.3",
        description=(
            "À partir du dessin d’ensemble et du modèle numérique, repérer les pièces de la bride, "
            "colorier les surfaces fonctionnelles et relever les cotes tolérancées."
        ),
        documents="Dessin d’ensemble et nomenclature de la bride\nGuide du dessinateur",
        numeriques="Modèle numérique de la bride\nPoste informatique avec modeleur volumique",
    ),
    Scene(
        cle="rsp-axe-epaule",
        niveau="2de",
        semestre=2,
        semaines=(12, 13),
        intitule="Axe épaulé en tournage conventionnel",
        auteur="m.lebrun",
        taches="A1-T3 A1-T4 A2-T5 A2-T6",
        vise="C5.1 C5.4 C7.2 C7.3 C10.1 C10.3",
        description=(
            "Ordonner les opérations de la phase 10, choisir les vitesses de coupe dans l’abaque, "
            "dresser, charioter et gorger un axe Ø 30 h8 en C45.\n"
            "Contrôler les diamètres au micromètre et remplir la fiche de contrôle."
        ),
        documents="Plan de l’axe épaulé et feuille de phase à compléter\nAbaque des vitesses de coupe",
        materiels="Tour parallèle, mandrin trois mors",
        outils="Outils à charioter, à dresser et à gorge\nMicromètre 25-50, pied à coulisse, rugotest",
    ),
    Scene(
        cle="rsp-vh-fao",
        niveau="1re",
        semestre=3,
        semaines=(39, 40),
        intitule="Corps de vérin : préparer la phase 20 en F.A.O.",
        auteur="j.prigent",
        taches="A1-T2 A1-T3 A1-T4 A1-T6",
        vise="C1.1 C1.2 C4.3 C4.5 C5.1 C5.3 C5.4 C5.6",
        description=(
            "Analyser le modèle du corps de vérin, mettre en place les origines, "
            "choisir les outils et les conditions de coupe, puis générer et simuler "
            "le programme de la phase 20 (alésage Ø 32 H8 et perçages)."
        ),
        documents="Plan du corps de vérin\nCatalogue d’outils coupants\nContrat de phase 20 vierge",
        numeriques="Modèle numérique du corps de vérin\nLogiciel de F.A.O. et post-processeur",
    ),
    Scene(
        cle="rsp-came-cn",
        niveau="1re",
        semestre=3,
        semaines=(48, 49),
        intitule="Axe de came : réglage et conduite du tour à commande numérique",
        auteur="m.lebrun",
        taches="A2-T3 A2-T4 A2-T5",
        vise="C6.2 C6.3 C6.4 C7.1 C7.2 C7.3",
        description=(
            "Monter les mors doux, mesurer les jauges d’outils, prendre l’origine programme, "
            "usiner la première pièce en mode bloc à bloc puis corriger les jauges "
            "jusqu’à l’obtention du Ø 20 g6."
        ),
        documents="Dossier de phase de l’axe de came",
        materiels="Tour à commande numérique deux axes, mors doux\nBanc de mesure d’outils",
        outils="Micromètre 0-25, calibre à mâchoires 20 g6",
    ),
    Scene(
        cle="rsp-bride-mmt",
        niveau="1re",
        semestre=4,
        semaines=(5, 5),
        intitule="Bride tournante : contrôle tridimensionnel et carte de contrôle",
        auteur="f.diarra",
        taches="A2-T6 A3-T2 A3-T6",
        vise="C2.1 C2.3 C2.5 C10.1 C10.2 C10.3 C10.5 C12.1",
        description=(
            "Écrire la gamme de contrôle d’une localisation et d’une perpendicularité, "
            "mesurer cinq pièces sur la machine à mesurer, tracer la carte de contrôle "
            "et dire s’il faut régler.\nRendre compte en une page au chef d’atelier."
        ),
        documents="Plan de la bride tournante\nModèle de carte de contrôle",
        materiels="Machine à mesurer tridimensionnelle et son palpeur\nLot de cinq brides numérotées",
        numeriques="Tableur",
    ),
    Scene(
        cle="rsp-verin-montage",
        niveau="1re",
        semestre=4,
        semaines=(12, 13),
        intitule="Vérin d’atelier : planning de la petite série et montage",
        auteur="m.lebrun",
        taches="A1-T7 A2-T2 A2-T8",
        vise="C8.1 C8.2 C8.4 C8.5 C9.1 C9.2 C9.3",
        description=(
            "Placer sur le planning de l’atelier les phases de dix vérins, vérifier les "
            "approvisionnements (joints, bruts, vis), puis assembler et essayer un vérin."
        ),
        documents="Nomenclature et gammes du vérin\nPlanning mural",
        materiels="Éléments du vérin, joints toriques\nBanc d’essai pneumatique",
        outils="Clé dynamométrique",
        numeriques="Tableur",
    ),
    Scene(
        cle="rsp-poulie",
        niveau="Tle",
        semestre=5,
        semaines=(39, 40),
        intitule="Poulie crantée : réduire le temps de cycle",
        auteur="prof",
        taches="A1-T4 A1-T6 A2-T4 A2-T7",
        vise="C5.3 C5.4 C5.5 C6.2 C6.3 C6.4 C7.1 C7.2",
        description=(
            "Chronométrer le cycle existant, proposer d’autres outils et d’autres paramètres, "
            "essayer et régler, puis comparer les temps et l’état de surface obtenus."
        ),
        documents="Dossier de fabrication de la poulie\nCatalogue d’outils coupants",
        materiels="Centre d’usinage trois axes",
        outils="Chronomètre, rugosimètre portable",
    ),
    Scene(
        cle="rsp-maintenance-tour",
        niveau="Tle",
        semestre=5,
        semaines=(47, 47),
        intitule="Tour à commande numérique : maintenance de premier niveau",
        auteur="f.diarra",
        taches="A3-T4 A3-T5 A3-T6",
        vise="C2.1 C2.5 C11.1 C11.2 C11.3 C11.4 C12.3 C12.4",
        description=(
            "Contrôler les niveaux et la concentration du lubrifiant, nettoyer les filtres, "
            "vérifier le faux-rond du mandrin, trier les copeaux et les chiffons souillés, "
            "puis tenir à jour le carnet de la machine."
        ),
        documents="Notice de maintenance et carnet du tour",
        materiels="Équipements de protection individuelle\nBacs de tri de l’atelier",
        outils="Réfractomètre, comparateur et support",
    ),
]

CERTIFICATION = [
    Scene(
        cle="rsp-e2-vh32",
        niveau="Tle",
        semestre=5,
        semaines=(2, 2),
        certificative=True,
        intitule="E2 : dossier de préparation du corps de vérin VH-32",
        auteur="j.prigent",
        taches="A1-T1 A1-T2 A1-T3 A1-T4 A1-T5 A1-T8",
        vise="C1.1 C1.2 C4.1 C4.2 C4.5 C5.1 C5.2 C5.3 C5.4 C5.7",
        description=(
            "Le client commande 30 corps de vérin VH-32 en EN AW-2017A. Le candidat extrait les données "
            "de définition, justifie l’isostatisme du montage d’usinage, établit la chronologie des "
            "phases 10 à 40, choisit les outils et les paramètres et rédige la gamme de contrôle "
            "de l’alésage Ø 32 H8."
        ),
        documents=(
            "Cahier des charges et plan de définition du VH-32\n"
            "Catalogue d’outils, abaques de coupe\n"
            "Fiches des machines de l’atelier\n"
            "Contrats de phase et gamme de contrôle vierges"
        ),
        numeriques="Modèle numérique du vérin\nModeleur volumique et logiciel de F.A.O.",
    ),
    Scene(
        cle="rsp-e2-ac14",
        niveau="Tle",
        semestre=6,
        semaines=(13, 13),
        certificative=True,
        intitule="E2 : axe de came AC-14, étude d’une modification et programmation",
        auteur="y.kaddour",
        taches="A1-T1 A1-T3 A1-T4 A1-T6 A1-T7 A1-T8",
        vise="C1.1 C1.2 C4.3 C4.4 C4.5 C4.6 C5.3 C5.4 C5.5 C5.6 C5.8",
        description=(
            "Le bureau d’études signale une concentration de contraintes au pied de la came. Le candidat "
            "propose une modification du rayon, vérifie la tenue de l’axe, met à jour le programme de "
            "tournage et le simule, puis complète le dossier de réalisation."
        ),
        documents="Note du bureau d’études\nPlan de l’AC-14\nDossier de réalisation à compléter",
        numeriques=(
            "Modèle numérique de l’AC-14\n"
            "Modeleur volumique avec module de calcul\n"
            "Logiciel de F.A.O. et simulateur"
        ),
    ),
    Scene(
        cle="rsp-e31-vh32",
        niveau="Tle",
        semestre=6,
        semaines=(11, 11),
        certificative=True,
        intitule="E31 : corps de vérin VH-32, réglage et qualification de la série de 30",
        auteur="prof",
        taches="A2-T1 A2-T2 A2-T3 A2-T4 A2-T5 A2-T6 A2-T7",
        vise="C6.1 C6.2 C6.3 C6.4 C7.1 C7.2 C7.3 C8.1 C8.2 C8.3",
        description=(
            "Le candidat, opérateur régleur, prépare le centre d’usinage pour la phase 20, monte et "
            "mesure les outils, règle les origines, usine et contrôle la première pièce, corrige, "
            "puis lance la série en suivant le planning."
        ),
        documents="Dossier de réalisation du VH-32\nPlanning de la semaine\nFiche de suivi de la série",
        materiels="Centre d’usinage trois axes, montage modulaire\nBanc de préréglage d’outils",
        outils="Outils montés\nTampon 32 H8, alésomètre, micromètre de profondeur",
    ),
    Scene(
        cle="rsp-e31-ac14",
        niveau="Tle",
        semestre=6,
        semaines=(14, 15),
        certificative=True,
        intitule="E31 : axe de came AC-14, fabrication et montage de l’arbre",
        auteur="m.lebrun",
        taches="A2-T1 A2-T3 A2-T4 A2-T5 A2-T6 A2-T8",
        vise="C6.1 C6.3 C6.4 C7.1 C7.2 C7.3 C8.3 C8.4 C8.5 C9.1 C9.2 C9.3",
        description=(
            "Le candidat règle le tour à commande numérique, usine les axes de came, les contrôle, "
            "puis assemble l’arbre avec ses roulements et sa poulie en respectant les jeux et les "
            "couples de serrage. Il renseigne le dossier de fabrication."
        ),
        documents=(
            "Dossier de réalisation de l’AC-14 et dessin de l’arbre\nPlanning et bons d’approvisionnement"
        ),
        materiels="Tour à commande numérique, mors doux\nChauffe-roulement\nMarbre et vés",
        outils="Presse à main, clé dynamométrique\nMicromètre 0-25, comparateur",
    ),
    Scene(
        cle="rsp-e32-vh32",
        niveau="Tle",
        semestre=6,
        semaines=(12, 12),
        certificative=True,
        intitule="E32 : suivi de la série VH-32 et carte de contrôle",
        auteur="f.diarra",
        taches="A3-T1 A3-T2 A3-T3 A3-T4 A3-T6",
        vise="C2.1 C2.3 C2.5 C2.6 C10.1 C10.2 C10.3 C10.4 C10.5 C10.6 C12.1 C12.3",
        description=(
            "Série stabilisée : le candidat prélève, mesure l’alésage, tient la carte de contrôle, "
            "détecte une dérive d’usure, règle le correcteur et consigne sa décision. "
            "Il rend compte par écrit puis à l’oral au responsable de production."
        ),
        documents="Dossier de réalisation et plan de surveillance\nFiche de compte rendu",
        materiels="Centre d’usinage en production",
        outils="Alésomètre et bague étalon",
        numeriques="Tableur de carte de contrôle",
    ),
    Scene(
        cle="rsp-e32-maintenance",
        niveau="Tle",
        semestre=6,
        semaines=(21, 21),
        certificative=True,
        intitule="E32 : reprise d’un poste arrêté et maintenance de premier niveau",
        auteur="prof",
        taches="A3-T1 A3-T4 A3-T5 A3-T6 A3-T7",
        vise="C2.1 C2.2 C2.4 C3.1 C3.2 C3.3 C3.4 C11.1 C11.2 C11.3 C11.4 C11.5 C12.2 C12.4",
        description=(
            "Une alarme de lubrification arrête le tour. Le candidat consigne l’évènement, recherche "
            "l’anomalie avec un opérateur, effectue la maintenance prévue par la procédure, signale "
            "ce qui relève du service de maintenance et propose une amélioration du poste."
        ),
        documents=(
            "Notice et carnet de maintenance du tour\n"
            "Historique des alarmes\n"
            "Procédure de consignation\n"
            "Fiche d’amélioration continue"
        ),
        outils="Outillage à main, réfractomètre, comparateur",
    ),
]

EN_COURS = [
    Scene(
        cle="rsp-revision",
        niveau="Tle",
        semestre=6,
        semaines=(22, 22),
        etat="ouverte",
        saisis=9,
        groupe_vise="Demi-classe A",
        postes=(
            ("Centre d’usinage", "C6.4 C7.3"),
            ("Poste de contrôle", "C10.3 C10.5"),
            ("Bilan de série", "C2.3 C2.6"),
        ),
        intitule="Projet de série : bilan de poste avant l’été",
        auteur="prof",
        taches="A2-T4 A2-T6 A3-T6",
        vise="C2.3 C2.6 C6.4 C7.3 C10.3 C10.5",
        description=(
            "Par îlots de trois, vérifier les réglages d’un poste, contrôler trois pièces et présenter "
            "au groupe l’état de la série."
        ),
        materiels="Pièces de la série VH-32",
        outils="Moyens de contrôle du poste",
        numeriques="Vidéoprojecteur",
    ),
    Scene(
        cle="rsp-portes-ouvertes",
        niveau="Tle",
        semestre=6,
        semaines=(24, 24),
        etat="brouillon",
        saisis=0,
        intitule="Démonstration de tournage pour la journée d’accueil des futurs élèves",
        auteur="prof",
        taches="A3-T6",
        vise="C2.4 C2.6 C3.4 C12.3",
        description="Présenter le tour à commande numérique à un groupe de collégiens, en sécurité.",
        documents="Affiches de l’atelier",
        materiels="Tour à commande numérique",
    ),
]

STAGES = [
    Stage(
        cle="rsp-pfmp-2de",
        niveau="2de",
        semestre=2,
        semaines=(22, 24),
        auteurs=("b.roussel", "m.lebrun"),
        taches="A3-T1 A3-T4 A3-T6",
        vise="C2.1 C2.4 C3.1 C3.2 C3.4 C12.3",
        description=(
            "Découvrir l’entreprise et ses métiers, suivre une pièce de la commande à l’expédition, "
            "tenir un poste simple sous la conduite du tuteur."
        ),
        documents="Livret d’accueil de l’entreprise\nCarnet de bord",
        materiels="Poste d’ébavurage ou de contrôle",
        entreprises=(VAL_D_ORBE, ARAVIGNES, TOURNEBISE),
    ),
    Stage(
        cle="rsp-pfmp-1re",
        niveau="1re",
        semestre=4,
        semaines=(20, 23),
        auteurs=("m.lebrun", "j.prigent", "f.diarra", "y.kaddour"),
        taches="A2-T1 A2-T4 A2-T5 A3-T4 A3-T6",
        vise="C3.2 C3.3 C3.4 C6.1 C6.3 C7.1 C7.2 C12.2 C12.3",
        description=(
            "Préparer un poste, changer des plaquettes et des outils, conduire une machine réglée, "
            "alerter en cas de dérive et laisser le poste propre à l’équipe suivante."
        ),
        documents="Dossier de poste",
        materiels="Poste à commande numérique de l’entreprise",
        outils="Moyens de contrôle du poste",
        entreprises=(VAL_D_ORBE, ARAVIGNES, TOURNEBISE, ROQUEMAILLE),
    ),
    Stage(
        cle="rsp-pfmp-tle",
        niveau="Tle",
        semestre=6,
        semaines=(3, 6),
        certificative=True,
        auteurs=("prof", "m.lebrun", "j.prigent", "f.diarra"),
        taches="A2-T4 A2-T5 A2-T6 A3-T2 A3-T4 A3-T6 A3-T7",
        vise="C3.1 C3.2 C3.4 C3.5 C7.1 C7.2 C7.3 C10.3 C10.4 C12.1 C12.3 C12.4",
        description=(
            "Conduire en autonomie une fabrication qualifiée, la surveiller, la contrôler, transmettre "
            "les consignes à l’équipe suivante et participer au point qualité."
        ),
        documents="Plan de surveillance\nCahier de consignes de l’équipe",
        materiels="Poste à commande numérique de l’entreprise",
        outils="Moyens de contrôle du poste",
        entreprises=(ROQUEMAILLE, TOURNEBISE, VAL_D_ORBE, ARAVIGNES),
    ),
]

SCENES = [
    *ANNEES_DE_FORMATION,
    *(scene for stage in STAGES for scene in stage.scenes()),
    *CERTIFICATION,
    *EN_COURS,
]
