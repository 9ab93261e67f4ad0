"""D'un fichier d'élèves, tel que le monde le fait, à des lignes comprises, sans base de données.

`fichier.lire` reconnaît la nature du fichier à son contenu ; chaque format rend des tables (`table`) ;
`entetes` trouve les colonnes, `lignes` lit les élèves. Un fichier illisible lève `FichierIllisible` ; une
ligne sans nom est écartée et dite ; une donnée facultative illisible est laissée, l'élève reste.
"""
