"""L'archive signée : reproductible, et pas un octet qui puisse changer sans que cela se voie."""

import shutil
import subprocess
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import pytest

from trpm.base import archive

PRIVEE = archive.cle(bytes(range(32)))
ATTENDUE = archive.empreinte(PRIVEE.public_key())
FICHIERS = {
    "notes.csv": "nom;note\nÉlève;12,5\n".encode(),
    "donnees/1.json": b"{}",
    "LISEZ-MOI.txt": b"Bonjour",
}
ENTIERE = archive.ecrire(FICHIERS, PRIVEE)


def refaite(**changements: bytes | None) -> bytes:
    """La même, où ces fichiers sont remplacés, ajoutés ou (None) retirés, dans une enveloppe impeccable."""
    contenus = {**archive.lire(ENTIERE), **changements}
    return archive._zip({nom: octets for nom, octets in contenus.items() if octets is not None})


def test_intacte_elle_se_relit_et_se_verifie():
    assert archive.alterations(ENTIERE, ATTENDUE) == ()
    assert {nom: archive.lire(ENTIERE)[nom] for nom in FICHIERS} == FICHIERS
    assert archive.ecrire(dict(reversed(FICHIERS.items())), PRIVEE) == ENTIERE


def test_chaque_octet_change_se_voit():
    """Tous les octets, l'un après l'autre : contenus, noms, dates, index, signature."""
    muets = []
    for rang in range(len(ENTIERE)):
        alteree = bytearray(ENTIERE)
        alteree[rang] ^= 1
        if not archive.alterations(bytes(alteree), ATTENDUE):
            muets.append(rang)
    assert muets == []


def test_un_octet_ajoute_ou_retire_se_voit():
    for alteree in (ENTIERE + b" ", b" " + ENTIERE, ENTIERE[:-1], ENTIERE[1:], b""):
        assert archive.alterations(alteree, ATTENDUE)


@pytest.mark.parametrize(
    ("changements", "constats"),
    [
        ({"notes.csv": b"nom;note\n"}, ("notes.csv : modifié.",)),
        ({"notes.csv": None}, ("notes.csv : retiré.",)),
        ({"intrus.txt": b"?"}, ("intrus.txt : ajouté, le manifeste ne le connaît pas.",)),
        (
            {"manifeste.sig": bytes(64)},
            ("manifeste.sha256 ou manifeste.sig : modifié, la signature n’est pas celle du manifeste.",),
        ),
        ({"manifeste.sig": None}, ("manifeste.sig : retiré, la signature ne se vérifie pas.",)),
        (
            {"cle-publique.pem": b"rien"},
            (
                "cle-publique.pem : absente ou modifiée, la signature ne se vérifie pas.",
                "cle-publique.pem : modifié.",
            ),
        ),
    ],
)
def test_elle_dit_ce_qui_a_change(changements, constats):
    assert archive.alterations(refaite(**changements), ATTENDUE) == constats


def test_tout_resigner_avec_une_autre_cle_ne_trompe_pas():
    autre = archive.cle(bytes(32))
    fausse = archive.ecrire({**FICHIERS, "notes.csv": b"nom;note\nEleve;20\n"}, autre)
    (constat,) = archive.alterations(fausse, ATTENDUE)
    assert constat.startswith("cle-publique.pem : l’archive est signée par une autre clé, ")
    assert archive.alterations(fausse, archive.empreinte(autre.public_key())) == ()


def test_recompressee_ses_fichiers_sont_dits_intacts():
    sortie = BytesIO()
    with ZipFile(sortie, "w", ZIP_DEFLATED) as zip_:
        for nom, contenu in archive.lire(ENTIERE).items():
            zip_.writestr(nom, contenu)
    (constat,) = archive.alterations(sortie.getvalue(), ATTENDUE)
    assert constat.endswith("les fichiers sont intacts.")


def test_ce_qui_n_est_pas_un_zip_ne_se_lit_pas():
    with pytest.raises(BadZipFile):
        archive.lire(b"rien")


@pytest.mark.skipif(
    not all(map(shutil.which, ("openssl", "sha256sum"))), reason="openssl ou sha256sum est introuvable"
)
def test_des_outils_ordinaires_la_verifient_sans_nous(tmp_path):
    ZipFile(BytesIO(ENTIERE)).extractall(tmp_path)
    for commande in (
        ["sha256sum", "--check", "--quiet", "manifeste.sha256"],
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "cle-publique.pem", "-rawin"]
        + ["-in", "manifeste.sha256", "-sigfile", "manifeste.sig"],
    ):
        assert subprocess.run(commande, cwd=tmp_path, capture_output=True).returncode == 0
