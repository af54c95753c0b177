// Files with an array of features, which the sound panel and the tab Identify take.
export const FEATURES = {
  text: "Load features\u2026",
  title: "Load the array that a pipeline made of this sound, a .npy or .npz file: its settings are searched.",
  accept: ".npy,.npz",
};

/** Whether a file holds features, by its name. */
export const isFeatures = ({ name }) => /\.np[yz]$/i.test(name);
