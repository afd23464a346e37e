/** Of this package, where package.json can't be read: in a bundle. A test holds it to that. */
export const version = '0.1.0';
