/** How far the buttons and keys move: less back than forward, as players of spoken word do. */
export const BACK_S = 15;
export const FORWARD_S = 30;
