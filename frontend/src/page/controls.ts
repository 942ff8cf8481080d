/** What the controls hold, by their names; known here before the server has answered. */
import { getProp, setProps } from "./dash.ts";

export const getValue = (name: string) => getProp(name, "value");

/** A number, also where its box holds it as text. */
export const getNumber = (name: string) => Number(getValue(name));

export const setValue = (name: string, value: unknown) => setProps(name, { value });
