namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> the constructor of its objects. It runs once for
/// each object, when the object's slab is made, and not on each allocation (the <c>ctor</c> of
/// <c>kmem_cache_create</c>; Bonwick 1994).
/// </summary>
/// <remarks>
/// <para>An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/> or <see langword="bool"/>. The object's memory has any contents. If the method returns
/// <see langword="false"/>, the whole slab is given up, and the allocation fails as if memory had run out. What the
/// method throws comes out of the allocation.</para>
/// <para>A freed object comes back as it was freed, so free it in its constructed state. For the same reason the
/// generated class has no <c>AllocZeroed</c>.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabConstructorAttribute : Attribute;
