"""D'une feuille ou d'un export de STS à des comptes d'enseignants : lire, rapprocher, ouvrir."""
