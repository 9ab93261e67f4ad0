"""Les décisions des autres paraissent pendant que la page est ouverte."""

from tests import factories
from tests.certification.scene import (
    COMMISSION,
    adresse,
    decider,
    figer,
    lu,
    statuts,
)
from tests.litanie import requetes


def lire(client, dossier, vu: str, vues: str = ""):
    return client.get(adresse("fil", dossier.pk), {"vu": vu, "vues": vues})


def test_qui_le_lit(monde, camille):
    assert statuts(monde, adresse("fil", camille.pk)) == COMMISSION


def test_rien_de_neuf_ne_coute_presque_rien(monde, president, camille):
    vu = president.get(camille.get_absolute_url()).context["fil"]
    assert lire(president, camille, vu).status_code == 204
    assert requetes(lambda: lire(president, camille, vu)) == 5


def test_une_decision_d_un_autre_renvoie_sa_ligne_et_la_note(monde, president, membre, camille):
    contexte = president.get(camille.get_absolute_url()).context
    vues = " ".join(f"{ligne.code}:{ligne.jeton}" for ligne, _ in contexte["lignes"])
    jeton = lu(camille).grille.ligne("C1").jeton
    membre.post(adresse("decision", camille.pk, "C1"), {"niveau": "2", "lu": jeton})
    reponse = lire(president, camille, contexte["fil"], vues)
    assert [ligne.code for ligne, _ in reponse.context["autres"]] == ["C1"]
    page = reponse.content.decode()
    assert ('id="C1"' in page, 'id="C2"' in page, 'id="note"' in page) == (True, False, True)
    assert lire(president, camille, reponse.context["fil"]).status_code == 204


def test_figer_rouvrir_proposer_et_retirer_se_voient(monde, president, camille):
    vus = [president.get(camille.get_absolute_url()).context["fil"]]

    def note() -> None:
        vus.append(president.get(camille.get_absolute_url()).context["fil"])

    decider(monde, camille)
    note()
    figer(monde, camille)
    note()
    president.post(adresse("rouvrir", camille.pk), {"motif": "Erreur."})
    note()
    camille.desarreter("C1")
    note()
    factories.decision(camille, "C1", monde.a.membre, 3)
    note()
    assert len(set(vus)) == len(vus)
