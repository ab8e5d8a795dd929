import { Rest } from './live/rest';

/** The dashboard's REST API, beside the page. */
export const rest = new Rest(document.baseURI);
