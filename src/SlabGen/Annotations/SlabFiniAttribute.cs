namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> run on each free, while the object is still the
/// caller's (the <c>dtor</c> of FreeBSD's <c>uma_zcreate</c>). For code that runs once per slab, see
/// <see cref="SlabDestructorAttribute"/>.
/// </summary>
/// <remarks>
/// <para>An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/>. The generated class calls it directly, before anything checks the pointer. So it is also
/// called on a bad pointer, except null.</para>
/// <para>If it throws, the exception comes out, and the object is not freed: it stays the caller's, and a lease keeps
/// it. There are three exceptions. <c>FreeBulk</c> frees all other objects, and throws the first exception.
/// <c>AllocBulk</c>, when it takes objects back, frees them even if this throws, because nobody else has them. An
/// object that is freed by its handle is freed too, because the handle is stale by then.</para>
/// <para>The generated class has no <c>FreeDeferred</c>. It would have to run this method after a grace period, on a
/// thread of the runtime. Call <c>Free</c> from a callback of <see cref="Rcu.Call(Action)"/> instead.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabFiniAttribute : Attribute;
