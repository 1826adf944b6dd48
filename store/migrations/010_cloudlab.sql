-- CloudLab experiments in the wire form of the model's type. The portal's token is no part of it.
CREATE TABLE cloudlab_experiment (
    key             INTEGER PRIMARY KEY,
    experiment_json TEXT NOT NULL
);
