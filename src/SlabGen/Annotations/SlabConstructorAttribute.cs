namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> the constructor of its objects: it runs once for each
/// object when its slab is made, and not on each allocation (the <c>ctor</c> of <c>kmem_cache_create</c>; Bonwick 1994).
/// </summary>
/// <remarks>
/// <para>An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/> or <see langword="bool"/>. The object's memory has any contents. A method that returns
/// <see langword="false"/> gives its whole slab up, and the allocation fails as if memory had run out; what it throws comes out of
/// the allocation.</para>
/// <para>A freed object comes back as it was freed: so it must be freed in its constructed state. For the same reason the
/// generated class has no <c>AllocZeroed</c>.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabConstructorAttribute : Attribute;
