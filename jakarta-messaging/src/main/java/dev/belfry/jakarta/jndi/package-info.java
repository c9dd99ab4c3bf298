/**
 * JNDI: {@link dev.belfry.jakarta.jndi.BelfryInitialContextFactory} makes factories and destinations from properties;
 * {@link dev.belfry.jakarta.jndi.BelfryObjectFactory} makes them again from what another directory keeps.
 *
 * <p>Each NamingException begins with a number:
 *
 * <pre>
 * BELFRY-201  the value of a key is wrong: correct it
 * BELFRY-202  a key is not known, or a name is bound twice: correct or rename it
 * BELFRY-203  nothing has this name: add a key for it, or correct the name
 * BELFRY-204  the file of properties cannot be read: correct java.naming.provider.url
 * BELFRY-205  a context cannot be changed: change the properties
 * BELFRY-206  a reference is incomplete: bind the object again
 * </pre>
 *
 * @since 0.1
 */
package dev.belfry.jakarta.jndi;
