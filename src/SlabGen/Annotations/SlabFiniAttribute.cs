namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> run on each free, while the object is still the caller's
/// (the <c>dtor</c> of FreeBSD's <c>uma_zcreate</c>; for what runs once to a slab, see <see cref="SlabDestructorAttribute"/>).
/// </summary>
/// <remarks>
/// <para>An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/>. The generated class calls it directly, before anything looks at the pointer: a bad pointer reaches
/// it too, except for null.</para>
/// <para>When it throws, the object was not freed and stays the caller's, and the exception comes out; a lease keeps it. Of
/// <c>FreeBulk</c> all other objects are freed, and the first exception comes out. When <c>AllocBulk</c> takes objects back,
/// they are freed even if this throws: nobody else has them. So is an object that is freed by its handle, which is stale then.</para>
/// <para>The generated class has no <c>FreeDeferred</c>, which would have to run this after a grace period, on a thread of the runtime's;
/// a callback of <see cref="Rcu.Call(Action)"/> can call <c>Free</c>.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabFiniAttribute : Attribute;
